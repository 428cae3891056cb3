import CanoBus
import CanoPrimitives

/// A list of runs that are not over: those of one workflow and version that have the same status.
struct RunListName: Sendable, Hashable, Comparable, CustomStringConvertible {
    let kind: Kind
    let workflow: String
    /// Nil of those that are to begin in any version.
    let version: String?
    /// The number of the shard that has the list.
    let shard: Int

    /// What the runs of a list are, in the order in which lists are read.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case running, waiting, scheduled

        var status: RunStatus {
            switch self {
            case .running: .running
            case .waiting: .waiting
            case .scheduled: .scheduled
            }
        }

        fileprivate var rank: Int {
            switch self {
            case .running: 0
            case .waiting: 1
            case .scheduled: 2
            }
        }
    }

    init(_ kind: Kind, workflow: String, version: String?, shard: Int = 0) {
        self.kind = kind
        self.workflow = workflow
        self.version = version
        self.shard = shard
    }

    /// Reads what ``description`` says; nil when it is none.
    init?(_ text: String, shard: Int = 0) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2, let kind = Kind(rawValue: halves[0]), let known = KnownWorkflow(halves[1]) else { return nil }
        guard kind == .scheduled || known.version != nil else { return nil }
        self.init(kind, workflow: known.workflow, version: known.version, shard: shard)
    }

    /// What it is a list of, on whichever shard.
    var description: String { "\(kind.rawValue):\(BusKeys.knownMember(workflow, version: version))" }

    /// The key of the list.
    func key(on keys: BusKeys) -> String {
        switch kind {
        case .running: keys.leases(of: workflow, version: version ?? "")
        case .waiting: keys.waits(of: workflow, version: version ?? "")
        case .scheduled: keys.timers(of: workflow, version: version)
        }
    }

    static func < (one: RunListName, other: RunListName) -> Bool {
        (one.kind.rank, one.workflow, one.version ?? "", one.shard) < (other.kind.rank, other.workflow, other.version ?? "", other.shard)
    }

    // MARK: Which lists there are

    /// The lists that may have runs which a filter means, in the order in which they are read.
    ///
    /// - Parameters:
    ///   - filter: The filter.
    ///   - members: The members of `P:known`, of each shard.
    /// - Returns: The lists. Those of a workflow and version that the filter names are there whether or not they are known.
    static func all(_ filter: RunFilter, known members: [[String]]) -> [RunListName] {
        members.enumerated().flatMap { shard, members in
            var known = Set(members.compactMap { KnownWorkflow($0) })
            if let workflow = filter.workflow {
                known.insert(KnownWorkflow(workflow: workflow, version: nil))
                known.insert(KnownWorkflow(workflow: workflow, version: filter.version))
            }
            return known.filter { filter.fits($0) }.flatMap { names in
                Kind.allCases.filter { filter.meant.contains($0.status) && ($0 == .scheduled || names.version != nil) }
                    .map { RunListName($0, workflow: names.workflow, version: names.version, shard: shard) }
            }
        }.sorted()
    }
}

extension RunFilter {
    /// Whether it may mean runs of a workflow.
    fileprivate func fits(_ known: KnownWorkflow) -> Bool {
        (workflow == nil || workflow == known.workflow) && (version == nil || version == known.version)
    }
}
