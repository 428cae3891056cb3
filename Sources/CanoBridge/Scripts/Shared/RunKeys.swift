import CanoBus

/// The keys of one run, made once for all its scripts.
final class RunKeys: Sendable {
    let run: String
    let record: String
    let log: String
    let store: String
    let inbox: String
    let bus: BusKeys

    init(run: String, bus: BusKeys) {
        self.run = run
        record = bus.record(of: run)
        log = bus.log(of: run)
        store = bus.runStore(of: run)
        inbox = bus.inbox(of: run)
        self.bus = bus
    }

    /// Made when it is asked for: few runs have tasks elsewhere.
    var openTasks: String { bus.openTasks(of: run) }
}
