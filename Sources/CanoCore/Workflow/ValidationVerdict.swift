import Synchronization

/// Remembers that a workflow was found valid, so that starting a run doesn't look again.
final class ValidationVerdict: Sendable {
    private let valid = Atomic<Bool>(false)

    var isValid: Bool { valid.load(ordering: .relaxed) }

    func accept() { valid.store(true, ordering: .relaxed) }
}
