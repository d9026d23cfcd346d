package hzdata;

import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;

/** Makes objects of the classes here; tests/java_classes.py has their counterparts. */
public class TestFactory implements DataSerializableFactory {
    static final int ID = 666;

    @Override
    public IdentifiedDataSerializable create(int classId) {
        return switch (classId) {
            case 1 -> new SetValue();
            case 2 -> new ByValueDescending();
            case 3 -> new UpperCase();
            case 4 -> new Echo();
            case 5 -> new Multiply();
            case 6 -> new StartsWith();
            case 7 -> new Append();
            case 8 -> new IncrementField();
            case 9 -> new StatisticsOf();
            default -> throw new IllegalArgumentException("no class " + classId);
        };
    }
}
