import CanoBus

/// A list of runs that may be claimed: those of one workflow, which this bridge has.
///
/// Every workflow and version has lists of its own, so what no bridge here can take is never looked at.
struct RunList: Sendable {
    /// The key of the sorted set.
    let key: String
    let workflow: any HostedWorkflow
    /// What the records of its runs say of their version: nil where a run may begin in any.
    let version: String?
    /// Why its runs wait.
    let kind: WorkOrder.Kind

    /// Those in which runs of one kind wait that a bridge with these workflows can take.
    static func all(of kind: WorkOrder.Kind, in registry: WorkflowRegistry, _ keys: BusKeys) -> [RunList] {
        let workflows = registry.all
        switch kind {
        case .handBack, .takeover:
            return workflows.map {
                RunList(key: keys.leases(of: $0.name, version: $0.version), workflow: $0, version: $0.version, kind: kind)
            }
        case .wake:
            return workflows.map {
                RunList(key: keys.waits(of: $0.name, version: $0.version), workflow: $0, version: $0.version, kind: kind)
            }
        case .due:
            let current = Set(workflows.map(\.name)).sorted().compactMap { registry.workflow($0, version: nil) }
            return workflows.map {
                RunList(key: keys.timers(of: $0.name, version: $0.version), workflow: $0, version: $0.version, kind: kind)
            } + current.map { RunList(key: keys.timers(of: $0.name, version: nil), workflow: $0, version: nil, kind: kind) }
        case .pending, .new:
            return []
        }
    }

    /// The scores of runs that may be claimed now, in milliseconds since 1970.
    func scores(at now: Int64) -> ClosedRange<Double> {
        switch kind {
        case .handBack: 0...0
        case .takeover: 1...Double(max(1, now))
        case .wake, .due, .pending, .new: 0...Double(max(0, now))
        }
    }
}
