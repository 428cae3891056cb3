import Synchronization

/// A slot that work has, which is given back once: at the end of the work, or as soon as it needs none.
final class HeldSlot: Sendable {
    private let slots: RunSlots
    private let isGiven = Atomic(false)

    init(of slots: RunSlots) {
        self.slots = slots
    }

    func giveBack() {
        if !isGiven.exchange(true, ordering: .relaxed) { slots.give() }
    }
}
