package hzdata;

import java.util.Comparator;
import java.util.Map;

/** Orders entries by their values, greatest first. */
public class ByValueDescending extends WithText implements Comparator<Map.Entry<?, Comparable<Object>>> {
    @Override
    public int getClassId() {
        return 2;
    }

    @Override
    public int compare(Map.Entry<?, Comparable<Object>> a, Map.Entry<?, Comparable<Object>> b) {
        return b.getValue().compareTo(a.getValue());
    }
}
