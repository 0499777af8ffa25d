package guard

import (
	"testing"

	"stempel/internal/engines"
	"stempel/internal/engines/enginetest"
)

// startSentinel starts a master, its replica and a Sentinel, and returns where
// they are.
func startSentinel(t *testing.T) string { return sentinelURL(enginetest.PrivateSentinel(t)) }

// startCluster starts a Cluster of three masters and returns where it is.
func startCluster(t *testing.T) string {
	return clusterURL(enginetest.PrivateCluster(t, engines.ClusterOptions{}))
}

func sentinelURL(s *engines.Sentinel) string {
	return "redis+sentinel://:" + s.Password() + "@" + s.Host() + "/" + engines.MasterName + "/0"
}

func clusterURL(c *engines.Cluster) string {
	return "redis+cluster://:" + c.Password() + "@" + c.Hosts()
}
