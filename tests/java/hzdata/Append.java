package hzdata;

import com.hazelcast.core.IFunction;

/** Appends its text to another. */
public class Append extends WithText implements IFunction<String, String> {
    @Override
    public int getClassId() {
        return 7;
    }

    @Override
    public String apply(String before) {
        return before + text;
    }
}
