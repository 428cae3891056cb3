import CanoBus
import CanoRedis

/// What a run's record says, as far as a command about the run has to know it beforehand; nothing of a run that has no record.
struct SeenRun: Sendable, Hashable {
    let workflow: String
    /// Nil for a run that has not begun and may begin in any.
    let version: String?
    /// The names that the end of the run is answered to, separated by commas.
    let replyNames: String

    /// How a bridge would claim the run; nil when nothing is known of it.
    let candidate: ClaimCandidate?
    /// Whether it waits.
    let isWaiting: Bool

    init(
        workflow: String = "", version: String? = nil, replyNames: String = "", candidate: ClaimCandidate? = nil, isWaiting: Bool = false
    ) {
        self.workflow = workflow
        self.version = version
        self.replyNames = replyNames
        self.candidate = candidate
        self.isWaiting = isWaiting
    }

    private static let attempts = 5

    /// Reads a record and acts on it; again while it changes between the two, which it hardly does again and again.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - bus: Where it is.
    ///   - body: What is done; it answers `nil` when the record says something else by then.
    /// - Returns: What the body answered; `nil` when the record changed each time.
    /// - Throws: What the body throws; ``RedisError``.
    static func acting<Answer>(
        on run: String, _ bus: Bus, _ body: (SeenRun) async throws -> Answer?
    ) async throws -> Answer? {
        try await acting({ try await SeenRun(run, on: bus) }, body)
    }

    /// Reads what a body acts on; again while that changes between the two, which it hardly does again and again.
    static func acting<Seen, Answer>(_ read: () async throws -> Seen, _ body: (Seen) async throws -> Answer?) async throws -> Answer? {
        for _ in 1...attempts {
            if let answer = try await body(try await read()) { return answer }
        }
        return nil
    }

    /// Reads it.
    init(_ run: String, on bus: Bus) async throws(RedisError) {
        self.init(run, try await bus.redis.execute(Self.reading(run, on: bus)))
    }

    private static let fields = ClaimCandidate.fields + [.replyTo, .status]

    /// The command that reads it.
    static func reading(_ run: String, on bus: Bus) -> HMGET { HMGET(bus.keys.record(of: run), fields.map(\.rawValue)) }

    /// What that command has answered.
    init(_ run: String, _ values: [RESPBytes?]) {
        let texts = Dictionary(zip(Self.fields, values)) { first, _ in first }.compactMapValues(\.self)
            .mapValues { String(decoding: $0, as: UTF8.self) }
        self.init(
            workflow: texts[.workflow] ?? "", version: texts[.version], replyNames: texts[.replyTo] ?? "",
            candidate: ClaimCandidate(run, Array(values.prefix(ClaimCandidate.fields.count))),
            isWaiting: texts[.status] == RunStatus.waiting.rawValue)
    }
}
