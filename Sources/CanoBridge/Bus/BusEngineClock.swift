import CanoCore

/// The clock of the runs of a bridge: time is measured here, and the wall clock is Redis'.
///
/// A deadline that outlives a process, such as a timer's, is then kept and compared on one clock, whichever machine goes on with the run.
struct BusEngineClock: EngineClock {
    let engine: any EngineClock
    let bus: BusClock

    var now: MonotonicInstant { engine.now }
    var unixMilliseconds: Int64 { bus.now }

    func sleep(until deadline: MonotonicInstant) async throws { try await engine.sleep(until: deadline) }
}
