/// What Redis compares before a script writes anything of a run: its owner, and how many owners it has had.
///
/// An owner that was taken for dead finds another fence there, and can do nothing to the run.
package struct Fence: Sendable, Hashable {
    /// Names the owner. No other owner has the same name.
    package let owner: String
    /// Grows by one with each owner, from 1.
    package let epoch: Int

    /// Creates a fence.
    package init(owner: String, epoch: Int) {
        self.owner = owner
        self.epoch = epoch
    }
}
