package engines

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
)

// Cluster is a private Redis Cluster of three masters.
type Cluster struct{ several }

// ClusterOptions say how a Cluster meets the loss of a master.
type ClusterOptions struct {
	// Replicas gives each master a replica, which takes its place.
	Replicas bool
	// Partial lets the others serve their slots when some are served by nobody.
	// Redis's default is that then nothing is served.
	Partial bool
}

const masters, slots = 3, 16384

// StartCluster starts a Cluster on loopback and returns when all of it is well.
// Errors are as of StartRedis.
func StartCluster(ctx context.Context, o ClusterOptions) (*Cluster, error) {
	c := &Cluster{several{password: rand.Text()}}
	if err := c.form(ctx, o); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) form(ctx context.Context, o ClusterOptions) error {
	nodes := masters
	if o.Replicas {
		nodes *= 2
	}
	buses := make([]int, nodes)
	for i := range nodes {
		var err error
		if buses[i], err = freePort(); err != nil {
			return err
		}
		full := "yes"
		if o.Partial {
			full = "no"
		}
		if _, err := c.start(ctx, "cluster-enabled yes", fmt.Sprint("cluster-port ", buses[i]), "masterauth "+c.password,
			fmt.Sprint("cluster-node-timeout ", FailoverAfter.Milliseconds()), "cluster-replica-validity-factor 0",
			"cluster-require-full-coverage "+full, "repl-diskless-sync-delay 0"); err != nil {
			return err
		}
	}
	for i, node := range c.nodes {
		if _, err := on(ctx, node, "cluster", "set-config-epoch", i+1); err != nil {
			return err
		}
		if i < masters {
			if _, err := on(ctx, node, "cluster", "addslotsrange", i*slots/masters, (i+1)*slots/masters-1); err != nil {
				return err
			}
		}
		if i > 0 {
			if _, err := on(ctx, c.nodes[0], "cluster", "meet", "127.0.0.1", node.port, buses[i]); err != nil {
				return err
			}
		}
	}
	for i, replica := range c.nodes[masters:] {
		id, err := on(ctx, c.nodes[i], "cluster", "myid")
		if err != nil {
			return err
		}
		if err := await(ctx, "the replica does not get to know its master", func() bool {
			_, err := on(ctx, replica, "cluster", "replicate", id)
			return err == nil
		}); err != nil {
			return err
		}
	}
	return c.Whole(ctx)
}

// Hosts are all nodes as host:port, with commas between.
func (c *Cluster) Hosts() string { return hosts(c.nodes) }

// KillMaster kills a node that is a master now, and returns it.
func (c *Cluster) KillMaster(ctx context.Context) (*Redis, error) {
	for _, node := range c.nodes {
		if node.PID() == 0 {
			continue
		}
		if role, err := on(ctx, node, "role"); err == nil && strings.HasPrefix(role, "[master") {
			node.Kill()
			return node, nil
		}
	}
	return nil, fmt.Errorf("engines: the Cluster has no master that runs")
}

// Whole waits until every node that runs finds every slot served by one that runs,
// and every replica follows its master.
func (c *Cluster) Whole(ctx context.Context) error {
	for _, node := range c.nodes {
		if err := await(ctx, "the Cluster does not become whole", func() bool { return node.PID() == 0 || c.well(ctx, node) }); err != nil {
			return err
		}
	}
	return nil
}

// well reports whether a node is content, and knows of those that are dead.
func (c *Cluster) well(ctx context.Context, node *Redis) bool {
	state, err := on(ctx, node, "cluster", "info")
	if err != nil || !strings.Contains(state, "cluster_state:ok") || !strings.Contains(state, fmt.Sprint("cluster_slots_ok:", slots)) {
		return false
	}
	known, err := on(ctx, node, "cluster", "nodes")
	if err != nil {
		return false
	}
	for line := range strings.Lines(known) {
		for _, other := range c.nodes {
			if strings.Contains(line, " "+address(other.port)+"@") && strings.Contains(line, "fail") != (other.PID() == 0) {
				return false
			}
		}
	}
	replication, err := on(ctx, node, "info", "replication")
	return err == nil && (strings.Contains(replication, "role:master") || strings.Contains(replication, "master_link_status:up"))
}
