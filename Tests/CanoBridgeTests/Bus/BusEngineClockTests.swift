import CanoCore
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("The clock of a bridge's runs", .timeLimit(.minutes(5)))
struct BusEngineClockTests {
    @Test("shows Redis' time whatever this machine's clock says, and measures time here")
    func wallClock() async throws {
        // An hour behind.
        let machine = ManualClock(unixMilliseconds: 1_700_000_000_000 - 3_600_000)
        let bus = BusClock(machine)
        let clock = BusEngineClock(engine: machine, bus: bus)
        bus.learn(redis: 1_700_000_000_000, between: machine.now, and: machine.now)
        #expect(clock.unixMilliseconds == 1_700_000_000_000)
        #expect(clock.now == machine.now)

        let waiting = Task { try await clock.sleep(for: .seconds(10)) }
        await machine.waitForSleepers()
        machine.advance(by: .seconds(10))
        try await waiting.value
        #expect(clock.unixMilliseconds == 1_700_000_010_000)
    }
}
