import CanoCore

/// Many runs of one workflow at the same time, each in a task of its own.
enum ConcurrentRuns {
    static var workloads: [Workload] {
        [
            workload("concurrent10k_3states (workers)", original: 5_694, isOnOneCore: false),
            workload("concurrent10k_3states (one thread)", original: 2_044, isOnOneCore: true),
        ]
    }

    private static func workload(_ name: String, original: Double, isOnOneCore: Bool) -> Workload {
        let workflow = Chains.linear(3) { Next(target: $0) }
        return .each(name, "workflow", original: original, units: 10_000, isOnOneCore: isOnOneCore) {
            var runs: [Task<Void, any Error>] = []
            runs.reserveCapacity(10_000)
            for _ in 0..<10_000 { runs.append(Task { try await workflow.run() }) }
            for run in runs { _ = try await run.value }
        }
    }
}
