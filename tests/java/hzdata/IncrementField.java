package hzdata;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.serialization.genericrecord.GenericRecord;
import java.util.Map;

/** Reads a value of a class that is not here, and writes all of it anew, the int field of its text greater by one. */
public class IncrementField extends WithText implements EntryProcessor<Object, Object, Integer> {
    @Override
    public int getClassId() {
        return 8;
    }

    @Override
    public Integer process(Map.Entry<Object, Object> entry) {
        GenericRecord record = (GenericRecord) entry.getValue();
        int number = record.getInt32(text) + 1;
        entry.setValue(record.newBuilderWithClone().setInt32(text, number).build());
        return number;
    }
}
