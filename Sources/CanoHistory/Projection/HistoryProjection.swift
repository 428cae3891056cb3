#if SQLite
    import CanoBus
    public import CanoClient
    public import CanoCore
    import CanoRedis
    public import Logging
    public import ServiceLifecycle

    /// Keeps the history of a bus: reads its stream of all events into a ``HistoryFile``, for as long as it runs.
    ///
    /// ```swift
    /// let bus = try BusClient(RedisConfiguration(url: "redis://127.0.0.1:6379"))
    /// let file = try HistoryFile(path: "history.sqlite")
    /// let projection = HistoryProjection(of: bus, into: file, keeping: .seconds(7 * 86_400))
    /// try await ServiceGroup(services: [bus, projection], logger: logger).run()
    /// ```
    /// How far the stream was read is written with what was read, in one transaction: however the process ends, each event is in the file once. What
    /// was gone from the stream before it was read is taken from the records of the runs, which then say how many events they miss. Several
    /// processes may keep the same file; each event is stored by one of them.
    ///
    /// A file takes all that Redis still has when it is new. It writes nothing to Redis. Of a bus of several shards it reads each beside the others, and
    /// one that is away holds up none of them.
    public final class HistoryProjection: Service {
        private let bus: BusClient
        private let file: HistoryFile
        private let keptTime: Duration?
        private let clock: any EngineClock
        private let logger: Logger

        /// Creates a projection; nothing is read before ``run()``.
        ///
        /// - Parameters:
        ///   - bus: The bus. It has to run meanwhile.
        ///   - file: Where its history is kept.
        ///   - time: How long runs are kept after their end; nil for ever. Those that are not over are kept in any case.
        ///   - clock: Measures the pauses.
        ///   - logger: Gets what was missed, and outages.
        public init(
            of bus: BusClient, into file: HistoryFile, keeping time: Duration? = nil, clock: any EngineClock = SystemClock(),
            logger: Logger = Logger(label: "cano-history")
        ) {
            self.bus = bus
            self.file = file
            keptTime = time
            self.clock = clock
            self.logger = logger
        }

        /// Reads until a graceful shutdown is asked for or the task is cancelled, and waits while Redis is away or the file is busy.
        ///
        /// - Throws: ``HistoryError`` with the code `otherBus`; `RedisError` when the server refuses, such as for a missing right; SQLite's errors.
        public func run() async throws {
            do {
                try await cancelWhenGracefulShutdown { try await self.follow() }
            } catch {
                guard error is CancellationError || Task.isCancelled || Task.isShuttingDownGracefully else { throw error }
            }
        }

        private func follow() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in bus.shards.keys.indices { group.addTask { try await self.follow(HistoryShard(number, of: self.bus.shards)) } }
                defer { group.cancelAll() }
                try await group.next()
            }
        }

        /// Reads the stream of a shard.
        private func follow(_ shard: HistoryShard) async throws {
            let client = bus.clients[shard.number]
            var reader = HistoryReader(
                bus: client, shard: shard, file: file, keptTime: keptTime, bookmark: try await file.bookmark(of: shard), logger: logger)
            logger.info(
                "the history is kept",
                metadata: ["file": "\(file.path)", "prefix": "\(shard.keys.prefix)", "after": "\(reader.bookmark.entry)"])
            var pauses = OutagePauses(stream: shard.keys.events, clock: clock, logger: logger)
            while true {
                try Task.checkCancellation()
                do {
                    let hasMore = try await client.ask { _ in try await reader.step() }
                    pauses.end()
                    if !hasMore { try await clock.sleep(for: Self.pause) }
                } catch let error where Self.isPassing(error) {
                    try await pauses.wait(after: error)
                }
            }
        }

        /// Between two looks at a stream that has been read to its end. What comes meanwhile is stored together.
        private static let pause = Duration.milliseconds(200)
    }
#endif
