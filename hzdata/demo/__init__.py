"""The demonstration: a year of flights out of New York, through a real Hazelcast cluster (``hzdata demo``)."""
