package import CanoBus

/// A dead letter with what names it.
package struct ListedDeadLetter: Sendable {
    package let id: DeadLetterID
    package let letter: DeadLetter

    package init(id: DeadLetterID, letter: DeadLetter) {
        self.id = id
        self.letter = letter
    }
}
