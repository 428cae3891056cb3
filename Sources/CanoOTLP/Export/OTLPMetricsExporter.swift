import CanoCore
import CanoPrimitives
public import CanoTelemetry
public import Logging
public import ServiceLifecycle

/// Sends metrics again and again to whatever takes OTLP over HTTP: a collector, or a backend that takes it itself.
///
/// ```swift
/// let registry = MetricsRegistry(describing: BridgeMetrics.catalog)
/// MetricsSystem.bootstrap(registry)
/// let exporter = OTLPMetricsExporter(configuration, of: registry, logger: logger)
/// // The first of the services: it ends last, when the others have recorded what they did.
/// let group = ServiceGroup(services: [exporter, bridge.redis, bridge], logger: logger)
/// ```
/// Each export has all that was counted since the beginning, so one that a receiver misses loses nothing but a moment: it is sent again until the
/// next one is due, which takes its place.
public final class OTLPMetricsExporter: Service {
    private let configuration: OTLPMetricsConfiguration
    private let registry: MetricsRegistry
    private let clock: any EngineClock
    private let random: RandomSource
    private let logger: Logger
    private let isStopping = WaitQueue(false)

    /// Creates an exporter. It connects to nothing before it runs.
    public convenience init(_ configuration: OTLPMetricsConfiguration, of registry: MetricsRegistry, logger: Logger) {
        self.init(configuration, of: registry, clock: SystemClock(), random: .system, logger: logger)
    }

    init(
        _ configuration: OTLPMetricsConfiguration, of registry: MetricsRegistry, clock: any EngineClock, random: RandomSource,
        logger: Logger
    ) {
        self.configuration = configuration
        self.registry = registry
        self.clock = clock
        self.random = random
        self.logger = logger
    }

    /// Sends metrics until it is told to stop, and then once more, for ``OTLPMetricsConfiguration/flushTime`` at most. It never fails: a
    /// program goes on without its metrics.
    public func run() async throws {
        let receiver = OTLPReceiver(
            configuration.endpoint.url(of: .metrics), headers: configuration.headers, timeout: configuration.requestTimeout, clock: clock)
        let sender = RequestSender(receiver: receiver, random: random)
        await receiver.whileOpen(clock: clock, flushTime: configuration.flushTime) {
            await self.export(with: sender)
        } stop: {
            self.isStopping.update { $0 = true }
        }
    }

    private func export(with sender: RequestSender) async {
        let interval = max(.milliseconds(1), configuration.interval)
        var due = clock.now
        var isFailing = false
        do {
            while true {
                // Of what was due while the last one was sent the latest counts, at once.
                repeat { due = due.advanced(by: interval) } while due.advanced(by: interval) <= clock.now
                try await isStopping.sleep(until: due, on: clock) { $0 }
                let isLast = isStopping.read(\.self)
                isFailing = try await send(until: isLast ? nil : due.advanced(by: interval), with: sender, isFailing)
                if isLast { return }
            }
        } catch {
            if isStopping.read(\.self) {
                logger.warning(
                    "the last metrics were not exported: there was no time left", metadata: ["endpoint": "\(sender.receiver.url)"])
            }
        }
    }

    /// Sends what is recorded until now, again and again until the receiver has taken or refused it, or that moment comes.
    ///
    /// - Returns: Whether it has not taken it.
    private func send(until end: MonotonicInstant?, with sender: RequestSender, _ wasFailing: Bool) async throws -> Bool {
        var isFailing = wasFailing
        let request = MetricsRequest(resource: configuration.resource, snapshot: registry.snapshot)
        let outcome = try await sender.send(request.json) { answer in
            if !isFailing {
                logger.warning(
                    "metrics can't be exported, and are tried again",
                    metadata: ["endpoint": "\(sender.receiver.url)", "answer": "\(answer)"])
            }
            isFailing = true
        } pause: { pause in
            let next = clock.now.advanced(by: pause)
            guard let end else {
                try await clock.sleep(until: next)
                return true
            }
            try await isStopping.sleep(until: min(next, end), on: clock) { $0 }
            return next < end && !isStopping.read(\.self)
        }
        switch outcome {
        case .accepted(let response):
            if isFailing { logger.info("metrics are exported again") }
            if response.rejected > 0 {
                logger.warning(
                    "the receiver of metrics has rejected points of them",
                    metadata: ["rejected": "\(response.rejected)", "message": "\(response.message)"])
            }
            return false
        case .refused(let answer):
            if !isFailing {
                logger.warning(
                    "the receiver refuses metrics; OTEL_METRICS_EXPORTER=none has none sent to it",
                    metadata: ["endpoint": "\(sender.receiver.url)", "answer": "\(answer)"])
            }
            return true
        case .givenUp: return true
        }
    }
}
