"""A streamed load or query in a process of its own, so that its memory can be watched from outside.

``python -m benchmarks.streaming write|read|scan ADDRESS CLUSTER_NAME PARQUET_FILE``: prints the resident bytes before
the first row, and the seconds the job took.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from pyarrow import parquet

import hzdata

from .memory import NAME

BATCH_ROWS = 65_536


def main() -> None:
    """Do the job."""
    job, address, cluster_name, file = sys.argv[1:]
    client = hzdata.connect(address, cluster_name=cluster_name)
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    if job == "write":
        _write(client, Path(file))
    elif job == "read":
        _keep(client.read_arrow(f"SELECT * FROM {NAME}", chunksize=BATCH_ROWS, progress=False), Path(file))
    else:
        _keep(client.scan_map(NAME, progress=False), Path(file))
    sys.stdout.write(f"{before} {time.perf_counter() - started}\n")
    client.shutdown()


def _write(client: Any, file: Path) -> None:
    with parquet.ParquetFile(file) as source:
        reader = pa.RecordBatchReader.from_batches(source.schema_arrow, source.iter_batches(BATCH_ROWS))
        report = client.to_hz_map(reader, NAME, key="id", progress=False)
        if report.rows_placed != source.metadata.num_rows:
            raise AssertionError(str(report))


def _keep(batches: pa.RecordBatchReader, file: Path) -> None:
    with batches, parquet.ParquetWriter(file.with_suffix(".copy"), batches.schema) as target:
        for batch in batches:
            target.write_batch(batch)


if __name__ == "__main__":
    main()
