import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import RuleFixture

@testable import CanoCore

extension TimeWindowTests {
    func drained(reason: StopReason) async throws -> Facts {
        let control = RunControl()
        let outcome = await waiting(control)
        control.stop(reason)
        let error = await caught { try await outcome.value }
        return [
            "category": error?.category, "journal": journal.entries, "rows by kind": try await store.rows(of: "r").map(\.kind),
            "ends counted": ["completed", "cancelled", "failed"].filter { streams($0) == 1 },
        ]
    }

    func handedBack() async throws -> Facts {
        let control = RunControl()
        let outcome = await waiting(control)
        control.stop(.handBack)
        return [
            "outcome": try await outcome.value, "journal": journal.entries,
            "rows by kind": try await store.rows(of: "r").map(\.kind),
            "ends counted": ["completed", "cancelled", "failed"].filter { streams($0) != nil },
        ]
    }

    func stops() async throws -> Facts {
        let outcome = await waiting(stops: true)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        return ["outcome": try await outcome.value, "journal": journal.entries]
    }

    func tickFirst() async throws -> Facts {
        let (source, continuation) = AsyncStream.makeStream(of: Int.self)
        let (busy, ticked, goesOn, runtime) = (Gate(), Gate(), Gate(), runtime())
        let outcome = begin(
            Windowed(source: source, journal: journal) { item in
                guard item == 1 else { return }
                busy.open()
                await goesOn.pass()
            }, in: runtime)
        continuation.yield(1)
        await busy.pass()
        continuation.yield(2)
        continuation.finish()
        // Due just behind the tick, so that the tick has come when it does.
        _ = runtime.deadlines.add(at: MonotonicInstant(nanoseconds: 10_000_000_001)) { ticked.open() }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(11))
        await ticked.pass()
        goesOn.open()
        return ["outcome": try await outcome.value, "journal": journal.entries]
    }

    func floor(duration: Duration) async throws -> Facts {
        let (source, continuation) = AsyncStream.makeStream(of: Int.self)
        let outcome = begin(Windowed(source: source, journal: journal, window: .duration(duration)), in: runtime())
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 1_000_000))
        continuation.finish()
        return ["outcome": try await outcome.value]
    }

    func sourceBreaks(window: StreamWindow) async throws -> Facts {
        let source = AsyncThrowingStream<Int, any Error> { continuation in
            continuation.yield(1)
            continuation.finish(throwing: Mishap(code: "broken"))
        }
        let error = await caught {
            try await begin(Windowed(source: source, journal: journal, window: window), in: runtime()).value
        }
        return [
            "code": error?.code, "state": error?.state, "journal": journal.entries, "last event": observer.summary.last,
            "failed streams counted": streams("failed"),
        ]
    }
}
