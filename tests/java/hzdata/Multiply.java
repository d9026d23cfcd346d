package hzdata;

import com.hazelcast.core.IFunction;

/** Multiplies a number by the one in its text. */
public class Multiply extends WithText implements IFunction<Long, Long> {
    @Override
    public int getClassId() {
        return 5;
    }

    @Override
    public Long apply(Long number) {
        return number * Long.parseLong(text);
    }
}
