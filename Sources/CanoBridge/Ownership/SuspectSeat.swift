import Synchronization

/// The one place for a run that may kill its bridge, so that such runs do not meet on one.
///
/// A run is a suspect from its third takeover in a row on, until it has come a step further.
final class SuspectSeat: Sendable {
    /// From how many takeovers in a row on a run is a suspect.
    static let takeovers = 3
    /// How many takeovers in a row are borne; at the next one the run is quarantined.
    static let maximumTakeovers = 5

    private let occupant = Mutex<String?>(nil)

    /// Takes the seat; false when another suspect has it.
    func take(_ run: String) -> Bool {
        occupant.withLock { occupant in
            guard occupant == nil || occupant == run else { return false }
            occupant = run
            return true
        }
    }

    /// Frees the seat if the run has it.
    func leave(_ run: String) {
        occupant.withLock { if $0 == run { $0 = nil } }
    }
}
