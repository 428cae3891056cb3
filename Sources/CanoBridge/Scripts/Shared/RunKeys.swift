import CanoBus

/// The keys of one run, made once for all its scripts.
final class RunKeys: Sendable {
    let record: String
    let log: String
    let store: String
    let bus: BusKeys

    init(run: String, bus: BusKeys) {
        record = bus.record(of: run)
        log = bus.log(of: run)
        store = bus.runStore(of: run)
        self.bus = bus
    }
}
