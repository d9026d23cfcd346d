package hzdata;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;

/** Sets an entry's value to its text and returns the value before. */
public class SetValue extends WithText implements EntryProcessor<Object, Object, Object> {
    @Override
    public int getClassId() {
        return 1;
    }

    @Override
    public Object process(Map.Entry<Object, Object> entry) {
        Object before = entry.getValue();
        entry.setValue(text);
        return before;
    }
}
