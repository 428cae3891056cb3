#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// An own loop instead of a benchmark library: the original's figures are medians of the process' CPU time divided by the
// units done, and only the same quantity gives a ratio. Libraries report percentiles of single iterations, in wall time or
// in CPU time whose resolution is far above a unit of 20 ns.

/// What one workload came to, in CPU nanoseconds a unit.
struct Measurement {
    let median: Double
    let lowest: Double
    let highest: Double

    /// Runs the workload in rounds, after as many iterations as a round needs to take long enough were found.
    init(of workload: Workload, rounds: Int = 11) async throws {
        var iterations = 1
        while try await Self.time(workload, iterations) < 50_000_000 { iterations *= 2 }
        var samples: [Double] = []
        for _ in 0..<rounds {
            samples.append(try await Self.time(workload, iterations) / Double(iterations * workload.units))
        }
        samples.sort()
        median = samples[samples.count / 2]
        lowest = samples[0]
        highest = samples[samples.count - 1]
    }

    private static func time(_ workload: Workload, _ iterations: Int) async throws -> Double {
        let start = cpuTime()
        try await workload.body(iterations)
        return cpuTime() - start
    }

    /// Of all threads of the process.
    private static func cpuTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
