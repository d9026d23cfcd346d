package hzdata;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import java.util.concurrent.Callable;

/** Returns its text and the member where it ran; fails when it has none. */
public class Echo extends WithText implements Callable<String>, HazelcastInstanceAware {
    private transient HazelcastInstance member;

    @Override
    public int getClassId() {
        return 4;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance hazelcastInstance) {
        member = hazelcastInstance;
    }

    @Override
    public String call() {
        if (text == null) {
            throw new IllegalStateException("nothing to echo");
        }
        return text + " " + member.getCluster().getLocalMember().getUuid();
    }
}
