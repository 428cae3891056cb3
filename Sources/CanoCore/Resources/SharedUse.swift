/// Who uses the resources of a workflow, and what has to happen when that changes. Decides only.
struct SharedUse {
    enum Phase: Equatable { case down, settingUp, up, tearingDown }
    enum Arrival: Equatable { case setUp, proceed, wait }

    private(set) var phase = Phase.down
    private(set) var users = 0

    /// Whether the resources are up or down, and neither being set up nor torn down.
    var isSettled: Bool { phase == .up || phase == .down }

    /// A run wants to use the resources.
    mutating func arrive() -> Arrival {
        switch phase {
        case .down:
            phase = .settingUp
            return .setUp
        case .up:
            users += 1
            return .proceed
        case .settingUp, .tearingDown:
            return .wait
        }
    }

    /// The set-up the first user was told to do has ended.
    mutating func setUpEnded(succeeded: Bool) {
        phase = succeeded ? .up : .down
        users = succeeded ? 1 : 0
    }

    /// A run is done.
    ///
    /// - Returns: Whether the caller has to tear down now, as the last one.
    mutating func leave() -> Bool {
        users -= 1
        guard users == 0 else { return false }
        phase = .tearingDown
        return true
    }

    mutating func tearDownEnded() { phase = .down }
}
