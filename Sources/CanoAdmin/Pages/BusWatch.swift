import CanoClient
import CanoRedis
import Logging
import Synchronization

/// Looks now and then, as long as the server runs, at what would cost too much to look at for each page.
final class BusWatch: Sendable {
    /// What is the matter with the bus, as of a moment on Redis' clock.
    struct Diagnosis: Sendable {
        let findings: [BusFinding]
        let moment: Int64
    }

    /// What a reader of a page was shown last, and when.
    private struct Glance: Sendable {
        let facts: BusFacts
        let read: ContinuousClock.Instant
    }

    private let meter = Mutex(RateMeter())
    private let glance = Mutex<Glance?>(nil)
    /// The look that is under way: readers who come meanwhile have it too.
    private let look = Mutex<Task<BusFacts, any Error>?>(nil)
    private let latest = Mutex<Diagnosis?>(nil)
    /// Whether a page has asked for the diagnosis since the last one.
    private let isAsked = Mutex(false)

    private static let interval = Duration.seconds(5)
    /// How old what is shown may be: readers who follow a page at the same time are shown the same.
    private static let freshness = Duration.seconds(1)
    /// Every how many looks the bus is diagnosed.
    private static let looksForDiagnosis = 6
    /// How many failed runs of a shard a diagnosis looks at: a page may wait for it.
    private static let failedRuns = 1_000

    /// The rates of the last half minute; nil before they are known.
    var rates: RateMeter.Rates? { meter.withLock { $0.rates } }

    /// What is the matter, as it was half a minute ago at the most.
    ///
    /// - Throws: `RedisError`.
    func diagnosis(of bus: BusClient) async throws -> Diagnosis {
        isAsked.withLock { $0 = true }
        if let known = latest.withLock(\.self) { return known }
        return try await diagnose(bus)
    }

    /// What the bus looks like, as it was a second ago at the most.
    ///
    /// - Throws: `RedisError`.
    func glance(at bus: BusClient) async throws -> BusFacts {
        let known = glance.withLock { $0 }
        if let known, known.read.duration(to: .now) < Self.freshness { return known.facts }
        return try await look.withLock { look in
            if let look { return look }
            let begun = Task {
                defer { self.look.withLock { $0 = nil } }
                // As old as its beginning: looking may take long.
                let read = ContinuousClock.now
                let facts = try await bus.glance()
                glance.withLock { $0 = Glance(facts: facts, read: read) }
                return facts
            }
            look = begun
            return begun
        }.value
    }

    private func diagnose(_ bus: BusClient) async throws -> Diagnosis {
        let diagnosis = Diagnosis(findings: try await bus.diagnose(lookingAt: Self.failedRuns), moment: try await bus.now())
        latest.withLock { $0 = diagnosis }
        return diagnosis
    }

    /// Diagnoses the bus again where a page still asks, and forgets what is old where none does.
    private func renew(_ bus: BusClient) async throws {
        let wasAsked = isAsked.withLock { asked in
            defer { asked = false }
            return asked
        }
        if wasAsked { _ = try await diagnose(bus) } else { latest.withLock { $0 = nil } }
    }

    /// Finds out whether the pages may read what they show, and warns where they may not.
    ///
    /// - Returns: Whether that is known now. It is not while Redis is away.
    private func checkRights(_ bus: BusClient, _ logger: Logger) async -> Bool {
        do {
            // Not as pages do: readers would be shown a bus of a moment in which nothing was there yet.
            _ = try await bus.glance()
            return true
        } catch {
            guard let error = error as? RedisError, error.serverError?.code == "NOPERM" else { return false }
            logger.warning(
                "the pages can't show the bus, for their Redis user may not read it: docs/security.md says what it needs",
                metadata: ["error": "\(error)"])
            return true
        }
    }

    /// Looks until it is cancelled. While Redis is away there is no diagnosis: the pages say themselves that it is.
    func run(on bus: BusClient, logger: Logger) async {
        var (looks, knowsRights) = (0, false)
        while !Task.isCancelled {
            if !knowsRights { knowsRights = await checkRights(bus, logger) }
            do {
                let (events, starts) = try await bus.published()
                meter.withLock { $0.add(RateMeter.Sample(moment: .now, events: events, starts: starts)) }
                if looks % Self.looksForDiagnosis == 0 { try await renew(bus) }
            } catch {
                latest.withLock { $0 = nil }
            }
            looks += 1
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }
}
