import CanoCore

/// One state split into branches that do nothing.
enum Splits {
    static func workload(
        _ name: String, _ branches: Int, _ join: JoinConfig, original: Double, isOnOneCore: Bool
    ) -> Workload {
        let tasks = (0..<branches).map { _ in Branch(Next(target: .end)) }
        let workflow = Chains.workflow(1) { _ in .split(tasks, join: join, then: .end) }
        return .each(name, "split", original: original, isOnOneCore: isOnOneCore) { try await workflow.run() }
    }

    static var workloads: [Workload] {
        let all = JoinConfig(.all)
        return [
            workload("split10_all (workers)", 10, all, original: 6_891, isOnOneCore: false),
            workload("split100_all (workers)", 100, all, original: 81_186, isOnOneCore: false),
            workload("split10_all (one thread)", 10, all, original: 5_303, isOnOneCore: true),
            workload("split100_all (one thread)", 100, all, original: 50_906, isOnOneCore: true),
            workload("split1000_all (one thread)", 1_000, all, original: 511_659, isOnOneCore: true),
            workload("split100_any (one thread)", 100, JoinConfig(.any), original: 38_862, isOnOneCore: true),
            workload("split100_quorum51 (one thread)", 100, JoinConfig(.quorum(51)), original: 50_324, isOnOneCore: true),
            workload("split100_all_bulkhead4 (one thread)", 100, JoinConfig(.all, bulkhead: 4), original: 53_818, isOnOneCore: true),
        ]
    }
}
