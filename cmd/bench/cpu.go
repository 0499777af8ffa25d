package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// tick is the unit of CPU times in /proc: Linux shows them to programs in
// hundredths of a second, whatever its own clock does (proc(5), USER_HZ).
const tick = time.Second / 100

// procStat is what /proc/PID/stat says, as far as we care (proc(5)).
type procStat struct {
	parent int
	own    time.Duration // utime + stime
	reaped time.Duration // cutime + cstime: of children that have ended and were waited for
}

// parseStat reads one /proc/PID/stat. The name in it may hold anything, even
// parentheses, so fields count from the last closing one.
func parseStat(text []byte) (procStat, error) {
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return procStat{}, errors.New("a stat line has no name")
	}
	fields := bytes.Fields(text[end+1:])
	// The first of these is field 3 of the manual.
	number := func(field int) (int64, error) {
		if field-3 >= len(fields) {
			return 0, fmt.Errorf("a stat line ends before field %d", field)
		}
		return strconv.ParseInt(string(fields[field-3]), 10, 64)
	}
	parent, errParent := number(4)
	user, errUser := number(14)
	system, errSystem := number(15)
	childUser, errChildUser := number(16)
	childSystem, errChildSystem := number(17)
	if err := errors.Join(errParent, errUser, errSystem, errChildUser, errChildSystem); err != nil {
		return procStat{}, err
	}
	return procStat{
		parent: int(parent),
		own:    time.Duration(user+system) * tick,
		reaped: time.Duration(childUser+childSystem) * tick,
	}, nil
}

// cpuTime is what a process and all its descendants have used so far, those that
// have ended included. For PostgreSQL, give the first process: every session is
// its child, and so are the writers of log and pages.
func cpuTime(pid int) (time.Duration, error) {
	stats, err := processes()
	if err != nil {
		return 0, err
	}
	if _, ok := stats[pid]; !ok {
		return 0, fmt.Errorf("process %d is gone", pid)
	}
	return treeTime(stats, pid), nil
}

func treeTime(stats map[int]procStat, pid int) time.Duration {
	total := stats[pid].own + stats[pid].reaped
	for child, stat := range stats {
		if stat.parent == pid {
			total += treeTime(stats, child)
		}
	}
	return total
}

// processes reads the stat of everything that runs.
func processes() (map[int]procStat, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, errors.New("CPU times are read from /proc, which is not here: the bench needs Linux")
	}
	stats := make(map[int]procStat, len(paths))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since we listed it
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		if stats[pid], err = parseStat(text); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return stats, nil
}

// peakMemory is the most memory that a process ever had resident, in bytes.
func peakMemory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parsePeak(text)
}

// parsePeak finds the VmHWM line of a /proc/PID/status.
func parsePeak(text []byte) (int64, error) {
	for line := range bytes.Lines(text) {
		value, ok := bytes.CutPrefix(line, []byte("VmHWM:"))
		if !ok {
			continue
		}
		value, ok = bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
		kib, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
		if !ok || err != nil {
			return 0, fmt.Errorf("%q is not a number of kB", value)
		}
		return kib << 10, nil
	}
	return 0, errors.New("the status has no VmHWM: the process has ended")
}

// ownTime is the CPU time of this process so far, finer than /proc tells it.
func ownTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
