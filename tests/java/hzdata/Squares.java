package hzdata;

import com.hazelcast.map.MapStore;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A store behind a map that has the squares of 1, 2 and 3, and forgets what is stored. */
public class Squares implements MapStore<Integer, Integer> {
    @Override
    public Integer load(Integer key) {
        return key > 0 && key < 4 ? key * key : null;
    }

    @Override
    public Map<Integer, Integer> loadAll(Collection<Integer> keys) {
        return keys.stream().filter(key -> load(key) != null).collect(Collectors.toMap(Function.identity(), this::load));
    }

    @Override
    public Iterable<Integer> loadAllKeys() {
        return List.of(1, 2, 3);
    }

    @Override
    public void store(Integer key, Integer value) {}

    @Override
    public void storeAll(Map<Integer, Integer> map) {}

    @Override
    public void delete(Integer key) {}

    @Override
    public void deleteAll(Collection<Integer> keys) {}
}
