package hzdata;

import com.hazelcast.map.MapInterceptor;

/** Hands texts out in capitals. */
public class UpperCase extends WithText implements MapInterceptor {
    @Override
    public int getClassId() {
        return 3;
    }

    @Override
    public Object interceptGet(Object value) {
        return value instanceof String found ? found.toUpperCase() : value;
    }

    @Override
    public void afterGet(Object value) {}

    @Override
    public Object interceptPut(Object oldValue, Object newValue) {
        return newValue;
    }

    @Override
    public void afterPut(Object value) {}

    @Override
    public Object interceptRemove(Object removedValue) {
        return removedValue;
    }

    @Override
    public void afterRemove(Object oldValue) {}
}
