/// The names of every key of one bus, all made from its prefix.
///
/// The kind of a key stands before the run id, so no run id can name another run's key.
public struct BusKeys: Sendable, Hashable {
    /// What every key of this bus begins with; `cano` unless set.
    public let prefix: String

    /// The stream anyone publishes start commands to.
    public let commands: String
    /// The stream for commands that need no free slot.
    public let control: String
    /// The stream bridges publish events to.
    public let events: String
    /// The stream of commands that could not be carried out.
    public let deadLetters: String

    let leases: String
    let bridges: String
    let workflows: String
    let timers: String
    package let schedules: String

    /// The consumer group in which bridges read commands.
    public static let group = "bridges"

    /// Makes the keys of the bus with this prefix.
    ///
    /// - Parameter prefix: 1 to 100 characters of `A-Za-z0-9._-`, or the same inside one pair of braces, which on a
    ///   Redis Cluster keeps all keys of the prefix in one slot.
    /// - Throws: ``BridgeError`` with the code `invalidConfiguration` when the prefix is none of these.
    public init(prefix: String = "cano") throws(BridgeError) {
        let isTagged = prefix.hasPrefix("{") && prefix.hasSuffix("}")
        guard BusName.isValid(isTagged ? String(prefix.dropFirst().dropLast()) : prefix) else {
            throw BridgeError(
                .invalidConfiguration,
                "The prefix \"\(prefix)\" can't be used: choose 1 to 100 characters of A-Z a-z 0-9 . _ -, for a cluster inside braces."
            )
        }
        self.prefix = prefix
        commands = prefix + ":commands"
        control = prefix + ":control"
        events = prefix + ":events"
        deadLetters = prefix + ":deadletters"
        leases = prefix + ":leases"
        bridges = prefix + ":bridges"
        workflows = prefix + ":workflows"
        timers = prefix + ":timers"
        schedules = prefix + ":schedules"
    }

    /// Whether the prefix carries a hash tag, as a Redis Cluster needs.
    public var isHashTagged: Bool { prefix.hasPrefix("{") }

    /// The record of a run: a hash anyone may read.
    public func record(of run: String) -> String { prefix + ":run:" + run }

    /// The stream that answers to one requester go to.
    public func replies(to name: String) -> String { prefix + ":replies:" + name }

    /// The streams of several requesters, whose names are separated by commas.
    func replies(toEach names: String) -> [String] { names.split(separator: ",").map { replies(to: String($0)) } }

    /// A schedule: a hash anyone may read.
    package func schedule(named name: String) -> String { prefix + ":schedule:" + name }

    func inbound(_ stream: CommandParser.Stream) -> String { stream == .commands ? commands : control }

    func log(of run: String) -> String { prefix + ":log:" + run }

    /// Where a cancellation is remembered whose run nobody knows yet.
    func cancellation(of run: String) -> String { prefix + ":cancel:" + run }

    /// A store that runs share.
    func store(named name: String) -> String { prefix + ":store:" + name }

    func runStore(of run: String) -> String { prefix + ":runstore:" + run }

    /// The start of an event's `source`; the workflow's name follows.
    var eventSource: String {
        var source = "/cano/"
        for byte in prefix.utf8 {
            switch byte {
            case UInt8(ascii: "{"): source += "%7B"
            case UInt8(ascii: "}"): source += "%7D"
            default: source.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return source + "/"
    }
}
