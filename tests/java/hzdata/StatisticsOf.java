package hzdata;

import com.hazelcast.client.impl.statistics.ClientStatistics;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.instance.impl.HazelcastInstanceImpl;
import java.util.UUID;
import java.util.concurrent.Callable;

/** Returns what the client of that uuid has last told this member of itself, for Management Center. */
public class StatisticsOf extends WithText implements Callable<String>, HazelcastInstanceAware {
    private transient HazelcastInstanceImpl member;

    @Override
    public int getClassId() {
        return 9;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance hazelcastInstance) {
        member = (HazelcastInstanceImpl) hazelcastInstance;
    }

    @Override
    public String call() {
        ClientStatistics statistics = member.node.getClientEngine().getClientStatistics().get(UUID.fromString(text));
        return statistics == null ? null : statistics.clientAttributes();
    }
}
