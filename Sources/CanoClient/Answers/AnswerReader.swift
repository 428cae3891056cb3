import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import Logging
import Synchronization

/// Reads a client's reply stream for as long as it waits for answers, on one connection for all its waits.
final class AnswerReader: Sendable {
    /// One wait.
    struct Wait<Answer: CommandAnswer>: Sendable {
        fileprivate let ticket: AnswerBoard.Ticket
        fileprivate let answer = WaitQueue<Result<Answer, any Error>?>(nil)

        /// Takes the answer, or why there is none; the first counts.
        fileprivate func end(_ result: Result<any CommandAnswer, any Error>) {
            let typed: Result<Answer, any Error>
            switch result {
            case .success(let answer):
                // The board makes answers of the type that was asked for.
                guard let answer = answer as? Answer else { return }
                typed = .success(answer)
            case .failure(let error): typed = .failure(error)
            }
            answer.update { $0 = $0 ?? typed }
        }
    }

    private struct Contents: Sendable {
        var board = AnswerBoard()
        var ends: [AnswerBoard.Ticket: @Sendable (Result<any CommandAnswer, any Error>) -> Void] = [:]
        var hasStopped = false
    }

    private let key: String
    /// Whether no other process reads the stream.
    private let isOwn: Bool
    private let configuration: RedisConfiguration
    private let clock: any EngineClock
    private let logger: Logger
    private let contents = Mutex(Contents())
    /// Whether anything is waited for: only then is the stream read.
    private let isNeeded = WaitQueue(false)

    private static let block = Duration.seconds(2)
    /// How often a wait looks at the run's record as well: answers can be trimmed, or lost by Redis.
    private static let glance = Duration.seconds(15)
    /// How long a stop is held up by a server that is away.
    private static let patience = Duration.seconds(1)

    /// - Parameters:
    ///   - key: The stream.
    ///   - isOwn: Whether no other process reads it: then it goes with this reader.
    ///   - configuration: Where the server is.
    ///   - clock: Measures how long to wait.
    ///   - logger: Gets what no call can throw.
    init(_ key: String, isOwn: Bool, _ configuration: RedisConfiguration, clock: any EngineClock, logger: Logger) {
        self.key = key
        self.isOwn = isOwn
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
    }

    // MARK: Waiting

    /// Begins to wait for the answer to a command that is about to be published.
    func begin<Answer: CommandAnswer>(
        about run: String, on stream: InboundStream, for answer: Answer.Type
    ) throws(ClientError) -> Wait<Answer> {
        let wait: Wait<Answer>? = contents.withLock { contents in
            guard !contents.hasStopped else { return nil }
            let wait = Wait<Answer>(ticket: contents.board.begin(about: run, on: stream, for: answer))
            contents.ends[wait.ticket] = { wait.end($0) }
            return wait
        }
        guard let wait else { throw Self.stopped }
        noteNeed()
        return wait
    }

    /// Says that the command was published.
    func published(_ wait: Wait<some CommandAnswer>, as entry: StreamEntryID) {
        let answer = contents.withLock { $0.board.published(wait.ticket, as: entry) }
        if let answer { wait.end(answer.mapError { $0 }) }
    }

    /// Ends a wait.
    func end(_ wait: Wait<some CommandAnswer>) {
        contents.withLock { contents in
            contents.board.end(wait.ticket)
            contents.ends[wait.ticket] = nil
        }
        noteNeed()
    }

    private func noteNeed() {
        isNeeded.update { isNeeded in isNeeded = contents.withLock { !$0.board.isEmpty } }
    }

    /// The answer, from the reply stream or, where it was lost, from elsewhere.
    ///
    /// - Parameters:
    ///   - wait: The wait.
    ///   - deadline: Until when to wait; nil for as long as it takes.
    ///   - look: Looks elsewhere for it, now and then.
    /// - Returns: Nil when none has come in time.
    /// - Throws: `CancellationError`; ``ClientError`` with the code `stopped`; what `look` throws, and ``BusError`` when the answer
    ///   can't be read.
    func answer<Answer: CommandAnswer>(
        _ wait: Wait<Answer>, until deadline: MonotonicInstant?, orElse look: () async throws -> Answer?
    ) async throws -> Answer? {
        while true {
            let next = clock.now.advanced(by: Self.glance)
            let end = deadline.map { min($0, next) } ?? next
            try await self.wait(wait.answer, until: end)
            if let answer = wait.answer.read({ $0 }) { return try answer.get() }
            if let answer = try await look() { return answer }
            if let deadline, clock.now >= deadline { return nil }
        }
    }

    private func wait<Answer: CommandAnswer>(_ answer: WaitQueue<Result<Answer, any Error>?>, until end: MonotonicInstant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await answer.waitUnlessCancelled { $0 != nil } }
            group.addTask { [clock] in try await clock.sleep(until: end) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static let stopped = ClientError(.stopped, "The client stops, and waits for nothing more.")

    // MARK: Reading

    /// Reads until the task is cancelled. Then every wait ends, and the stream goes if no other process reads it.
    func run() async {
        let redis = RedisBlockingClient(configuration, logger: logger)
        var last = StreamEntryID.zero
        var isThere = false
        var pauses = OutagePauses(stream: key, clock: clock, logger: logger)
        while !Task.isCancelled {
            do {
                try await isNeeded.waitUnlessCancelled { $0 }
                let entries = try await redis.execute(XREAD([(key: key, after: last)], count: 500, block: Self.block)).flatMap(\.entries)
                for entry in entries { deliver(EventEntry(entry.fields), entry.id) }
                last = entries.last?.id ?? last
                isThere = isThere || !entries.isEmpty
                pauses.end()
            } catch {
                guard !Task.isCancelled else { break }
                // A server that has lost its data may number the next answers lower than the last.
                last = .zero
                do { try await pauses.wait(after: error) } catch { /* Cancelled: the loop ends. */  }
            }
        }
        await redis.close()
        stop()
        // The task is cancelled, and this has to be sent all the same.
        if isOwn, isThere { await Task { await removeStream() }.value }
    }

    /// Removes the stream. Where that doesn't work, it goes some time after its last answer.
    private func removeStream() async {
        var configuration = configuration
        configuration.commandTimeout = Self.patience
        let redis = RedisBlockingClient(configuration, logger: logger)
        do {
            try await redis.execute(RemoveStream(key: key))
        } catch {
            logger.debug("a reply stream was not removed", metadata: ["stream": "\(key)", "error": "\(error)"])
        }
        await redis.close()
    }

    private func deliver(_ event: EventEntry, _ id: StreamEntryID) {
        let ended = contents.withLock { contents in
            contents.board.receive(event, id).compactMap { ticket, answer in contents.ends[ticket].map { ($0, answer) } }
        }
        for (end, answer) in ended { end(answer.mapError { $0 }) }
    }

    private func stop() {
        let ends = contents.withLock { contents in
            contents.hasStopped = true
            return Array(contents.ends.values)
        }
        for end in ends { end(.failure(Self.stopped)) }
    }
}

/// `DEL` of one stream, on a connection that is opened for it.
private struct RemoveStream: BlockingRedisCommand {
    let encoded: RESPCommand
    var blockingTime: Duration? { nil }

    init(key: String) { encoded = DEL(key).encoded }

    static func decode(_ reply: RESPValue) throws(RedisError) { _ = try DEL.decode(reply) }
}
