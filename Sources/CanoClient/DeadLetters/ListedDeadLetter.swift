package import CanoBus
package import CanoRedis

/// A dead letter with its entry.
package struct ListedDeadLetter: Sendable {
    package let id: StreamEntryID
    package let letter: DeadLetter

    package init(id: StreamEntryID, letter: DeadLetter) {
        self.id = id
        self.letter = letter
    }
}
