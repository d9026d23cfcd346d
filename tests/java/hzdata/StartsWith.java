package hzdata;

import com.hazelcast.core.IFunction;

/** Accepts texts that begin with its own. */
public class StartsWith extends WithText implements IFunction<String, Boolean> {
    @Override
    public int getClassId() {
        return 6;
    }

    @Override
    public Boolean apply(String item) {
        return item.startsWith(text);
    }
}
