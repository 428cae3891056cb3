import CanoCore
public import Logging
public import ServiceLifecycle

/// Sends spans to whatever takes OTLP over HTTP: a collector, Jaeger, Tempo and others.
///
/// ```swift
/// let exporter = OTLPExporter(configuration, logger: logger)
/// InstrumentationSystem.bootstrap(exporter.tracer)
/// // The first of the services: it ends last, when the others have ended their spans.
/// let group = ServiceGroup(services: [exporter, bridge.redis, bridge], logger: logger)
/// ```
/// A receiver that is away or busy is asked again for as long as it takes, while up to ``OTLPConfiguration/capacity`` spans wait. It is
/// logged when spans begin to wait or are lost, and when the receiver takes them again.
public final class OTLPExporter: Service {
    /// How many spans there were since the start.
    public struct Statistics: Sendable, Hashable {
        /// Taken by the receiver.
        public var exported = 0
        /// Waiting to be sent.
        public var waiting = 0
        /// Lost: there was no room for them, or no time at the end.
        public var dropped = 0
        /// Lost: the receiver would not have them.
        public var rejected = 0
    }

    /// Makes the spans.
    public let tracer: OTLPTracer

    private let configuration: OTLPConfiguration
    private let queue: SpanQueue
    private let clock: any EngineClock
    private let random: RandomSource
    private let ledger = ExportLedger()
    private let logger: Logger

    /// Creates an exporter. It connects to nothing before it runs.
    public convenience init(_ configuration: OTLPConfiguration, logger: Logger) {
        self.init(configuration, ids: .system, clock: SystemClock(), random: .system, logger: logger)
    }

    init(_ configuration: OTLPConfiguration, ids: IDSource, clock: any EngineClock, random: RandomSource, logger: Logger) {
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.logger = logger
        queue = SpanQueue(
            SpanBuffer(capacity: configuration.capacity, batchSize: configuration.batchSize, batchDelay: configuration.batchDelay),
            clock: clock)
        tracer = OTLPTracer(configuration.sampler, ids: ids, queue: queue)
    }

    /// How many spans there were, by what became of them.
    public var statistics: Statistics {
        let (counts, sent) = (queue.counts, ledger.counts)
        return Statistics(
            exported: sent.exported, waiting: counts.waiting + sent.inHand, dropped: counts.dropped,
            rejected: sent.rejected)
    }

    /// Sends spans until it is told to stop, and then what is left, for ``OTLPConfiguration/flushTime`` at most. It never fails: a program
    /// goes on without its traces.
    public func run() async throws {
        let receiver = OTLPReceiver(
            configuration.endpoint.url(of: .traces), headers: configuration.headers, timeout: configuration.requestTimeout, clock: clock)
        let sender = RequestSender(receiver: receiver, random: random)
        await receiver.whileOpen(clock: clock, flushTime: configuration.flushTime) {
            await self.export(with: sender)
        } stop: {
            self.queue.close()
        }
        queue.close()
        let lost = statistics
        if lost.waiting + lost.dropped + lost.rejected > 0 {
            logger.warning("not all spans were exported", metadata: lost.metadata)
        }
    }

    private func export(with sender: RequestSender) async {
        do {
            var toldOf = 0
            while let batch = try await queue.nextBatch() {
                ledger.begin(batch.count)
                try await send(batch, with: sender)
                let counts = queue.counts
                // Once for each time that more spans came than the receiver took.
                guard counts.waiting == 0, counts.dropped > toldOf else { continue }
                logger.warning("spans were lost: there was no room for them", metadata: ["lost": "\(counts.dropped - toldOf)"])
                toldOf = counts.dropped
            }
        } catch {
            // Cancelled: what is in hand and what waits is lost, and counted so.
        }
    }

    /// Sends a batch until the receiver has taken or refused it.
    private func send(_ batch: [SpanRecord], with sender: RequestSender) async throws {
        let outcome = try await sender.send(TraceRequest(resource: configuration.resource, spans: batch).json) { answer in
            guard ledger.fail() else { return }
            logger.warning(
                "traces can't be exported: spans wait, and are lost when there is no more room",
                metadata: ["endpoint": "\(sender.receiver.url)", "answer": "\(answer)", "room": "\(configuration.capacity)"])
        } pause: { pause in
            try await queue.pause(for: pause)
            return true
        }
        switch outcome {
        case .accepted(let response):
            if ledger.accept(rejecting: response.rejected) {
                logger.info("traces are exported again", metadata: statistics.metadata)
            }
            if response.rejected > 0 {
                logger.warning(
                    "the receiver of traces has rejected spans",
                    metadata: ["rejected": "\(response.rejected)", "message": "\(response.message)"])
            }
        case .refused(let answer):
            if ledger.refuse() {
                logger.warning(
                    "the receiver of traces refuses them: spans are lost until it takes them",
                    metadata: ["endpoint": "\(sender.receiver.url)", "answer": "\(answer)"])
            }
        case .givenUp: break
        }
    }
}

extension OTLPExporter.Statistics {
    fileprivate var metadata: Logger.Metadata {
        ["exported": "\(exported)", "waiting": "\(waiting)", "dropped": "\(dropped)", "rejected": "\(rejected)"]
    }
}
