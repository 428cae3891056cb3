import CanoPrimitives

/// The names of every key of one bus, all made from its prefix.
///
/// The kind of a key stands before the run id, so no run id can name another run's key.
public struct BusKeys: Sendable, Hashable {
    /// What every key of this bus begins with.
    public let prefix: String

    /// The stream that programs publish start commands to.
    public let commands: String
    /// The stream for every other command than a start: always read.
    public let control: String
    /// The stream that workers answer on.
    public let results: String
    /// The stream bridges publish events to.
    public let events: String
    /// The stream of commands that could not be carried out.
    public let deadLetters: String

    package let bridges: String
    package let workflows: String
    /// What bridges have ever had.
    package let known: String
    package let schedules: String
    /// The graphs of the workflows that bridges have had.
    package let graphs: String
    /// The runs that signals wait for which came before them.
    package let orphans: String
    /// The runs that ended otherwise than they were to: those that failed, and those that were cancelled and not undone whole.
    package let failed: String
    /// The queues of tasks that bridges have ever put one on.
    package let queues: String
    /// Which shard of a larger bus this is.
    package let shards: String
    /// How safe each bridge has its writes be before it goes on.
    package let durability: String
    /// What the `source` of every event begins with, before the workflow's name.
    package let eventSourcePrefix: String

    /// The consumer group in which bridges read commands.
    public static let group = "bridges"

    /// The consumer group in which workers read tasks.
    public static let workers = "workers"

    /// The prefix of a bus whose configuration names no other one.
    public static let standardPrefix = "cano"

    /// Makes the keys of the bus with this prefix.
    ///
    /// - Parameter prefix: 1 to 100 characters of `A-Za-z0-9._-`, or the same inside one pair of braces, which on a
    ///   Redis Cluster keeps all keys of the prefix in one slot.
    /// - Throws: ``BusError`` with the code `invalidName` when the prefix is none of these.
    public init(prefix: String = BusKeys.standardPrefix) throws(BusError) {
        let isTagged = prefix.hasPrefix("{") && prefix.hasSuffix("}")
        guard Name.isValid(isTagged ? String(prefix.dropFirst().dropLast()) : prefix) else {
            throw BusError(.invalidName, "The prefix \"\(prefix)\" can't be used: choose \(Name.rule), for a cluster inside braces.")
        }
        self.prefix = prefix
        commands = prefix + ":commands"
        control = prefix + ":control"
        results = prefix + ":results"
        events = prefix + ":events"
        deadLetters = prefix + ":deadletters"
        bridges = prefix + ":bridges"
        workflows = prefix + ":workflows"
        known = prefix + ":known"
        schedules = prefix + ":schedules"
        graphs = prefix + ":graphs"
        orphans = prefix + ":orphans"
        failed = prefix + ":failed"
        queues = prefix + ":queues"
        shards = prefix + ":shards"
        durability = prefix + ":durability"
        // The braces are all that a prefix may hold and a URI may not.
        eventSourcePrefix = "/cano/" + prefix.replacing("{", with: "%7B").replacing("}", with: "%7D") + "/"
    }

    /// Whether the prefix carries a hash tag, as a Redis Cluster needs.
    public var isHashTagged: Bool { prefix.hasPrefix("{") }

    /// What a bridge tries its rights on at its start.
    package func probe(of bridge: String) -> String { prefix + ":probe:" + bridge }

    /// The record of a run: a hash that programs may read.
    public func record(of run: String) -> String { prefix + ":run:" + run }

    /// The stream that answers to one requester go to.
    public func replies(to name: String) -> String { prefix + ":replies:" + name }

    /// The streams of several requesters, whose names are separated by commas.
    package func replies(toEach names: String) -> [String] { names.split(separator: ",").map { replies(to: String($0)) } }

    /// A schedule: a hash that programs may read.
    package func schedule(named name: String) -> String { prefix + ":schedule:" + name }

    /// A stream that commands come in on.
    package func inbound(_ stream: InboundStream) -> String {
        switch stream {
        case .commands: commands
        case .control: control
        case .results: results
        }
    }

    /// A queue of tasks, from which workers take them in the consumer group ``workers``.
    public func tasks(on queue: String) -> String { prefix + ":tasks:" + queue }

    /// The tasks of a run that are on queues or in the hands of workers.
    package func openTasks(of run: String) -> String { prefix + ":opentasks:" + run }

    /// The leases of the runs of a workflow in one version. Each has a list of its own, so a bridge looks at no run that it can't take.
    package func leases(of workflow: String, version: String) -> String { prefix + ":leases:" + workflow + "@" + version }

    /// The runs of a workflow that are to start later: in one version, or, where that is nil, in whichever a bridge has.
    package func timers(of workflow: String, version: String?) -> String { prefix + ":timers:" + workflow + "@" + (version ?? "") }

    /// The runs of a workflow in one version that wait, and that no bridge has meanwhile.
    package func waits(of workflow: String, version: String) -> String { prefix + ":waits:" + workflow + "@" + version }

    /// The signals of a run that no step has consumed yet.
    package func inbox(of run: String) -> String { prefix + ":inbox:" + run }

    package func log(of run: String) -> String { prefix + ":log:" + run }

    /// Where a cancellation is remembered whose run has no record yet.
    package func cancellation(of run: String) -> String { prefix + ":cancel:" + run }

    /// What stands for a workflow in the list of those that bridges have ever had: in one version, or, where that is nil, in any.
    package static func knownMember(_ workflow: String, version: String?) -> String { workflow + "@" + (version ?? "") }

    /// A store that runs share.
    package func store(named name: String) -> String { prefix + ":store:" + name }

    package func runStore(of run: String) -> String { prefix + ":runstore:" + run }

    /// The `source` of a workflow's events; with an empty name that of events that are about none.
    package func eventSource(of workflow: String) -> String { eventSourcePrefix + workflow }
}
