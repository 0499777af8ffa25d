package guard

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stempel/internal/engines/enginetest"
)

// startSentinel starts a server and one Sentinel that watches it, and returns
// where they are.
func startSentinel(t *testing.T) string {
	master, err := redis.ParseURL(enginetest.PrivateRedis(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	sentinel := startServer(t, "--sentinel",
		fmt.Sprintf("sentinel monitor till %s %s 1", host, port),
		"sentinel auth-pass till "+master.Password,
		"requirepass "+master.Password,
	)
	return fmt.Sprintf("redis+sentinel://:%s@%s/till/0", master.Password, sentinel)
}

// startCluster starts a Cluster of three masters and returns where it is.
func startCluster(t *testing.T) string {
	const nodes, slots = 3, 16384
	enginetest.PrivateRedis(t) // skips the test, or fails it in CI, where there is no Redis
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var addresses []string
	var clients []*redis.Client
	for i := range nodes {
		address := startServer(t, "", "cluster-enabled yes")
		client := redis.NewClient(&redis.Options{Addr: address})
		defer client.Close()
		must(t, client.Do(ctx, "cluster", "set-config-epoch", i+1).Result)
		must(t, client.ClusterAddSlotsRange(ctx, i*slots/nodes, (i+1)*slots/nodes-1).Result)
		addresses, clients = append(addresses, address), append(clients, client)
	}
	for _, address := range addresses[1:] {
		host, port, _ := net.SplitHostPort(address)
		must(t, clients[0].ClusterMeet(ctx, host, port).Result)
	}
	for _, client := range clients {
		for !strings.Contains(must(t, client.ClusterInfo(ctx).Result), "cluster_state:ok") {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return "redis+cluster://" + strings.Join(addresses, ",")
}

// startServer runs a redis-server with settings that package engines has no
// business with, until the test ends, and returns its address.
func startServer(t *testing.T, flag string, settings ...string) (address string) {
	t.Helper()
	for range 5 { // somebody else may have taken the port meanwhile
		if address, ok := tryServer(t, flag, settings...); ok {
			return address
		}
	}
	t.Fatal("redis-server does not start")
	return ""
}

// tryServer reports false when the server has not answered after some seconds.
func tryServer(t *testing.T, flag string, settings ...string) (address string, ok bool) {
	t.Helper()
	port := freePort(t)
	file := filepath.Join(t.TempDir(), "redis.conf")
	settings = append(settings, "bind 127.0.0.1", fmt.Sprint("port ", port), `save ""`)
	if err := os.WriteFile(file, []byte(strings.Join(settings, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The shell ends the server when our end of its input closes, be it that this
	// process died.
	cmd := exec.Command("sh", "-c", `redis-server "$0" $1 >/dev/null & cat; kill -9 $!; wait`, file, flag)
	cmd.Dir = filepath.Dir(file)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		_ = cmd.Wait() // says that the server was killed, as it was
	})
	address = fmt.Sprint("127.0.0.1:", port)
	for range 500 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address, true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return address, false
}

// freePort returns a port that nobody listened on a moment ago. It is below those
// that Linux gives to clients, and a Cluster's second one, 10000 above, is a port
// too.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 15000 + rand.IntN(7000)
		if free(port) && free(port+10000) {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

func free(port int) bool {
	listener, err := net.Listen("tcp4", fmt.Sprint("127.0.0.1:", port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
