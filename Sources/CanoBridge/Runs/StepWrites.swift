import CanoCore
import CanoRedisStores

/// What a run's own store holds, and what the step under way writes to it and to stores that runs share.
///
/// A step's writes go with its row or not at all: until Redis has the row they can be dropped.
struct StepWrites: Sendable {
    /// The run's own store, with what the step has written to it.
    private(set) var store: RunStoreContents
    /// What goes to shared stores, encoded; nil when nothing does.
    private(set) var shared: SharedWrites?

    private var stagedForShared: [StagedWrite] = []

    init(_ store: RunStoreContents = RunStoreContents()) {
        self.store = store
    }

    /// Reads a value of the run's own store.
    mutating func get<Value: Codable & Sendable>(_ key: StoreKey<Value>) throws -> Value? { try store.getAndKeep(key) }

    /// Adds what an attempt wrote.
    ///
    /// - Throws: ``CanoError`` with the category `store` when a write does not fit the run's own store, or does not encode. The
    ///   step then writes nothing.
    mutating func add(_ writes: [StagedWrite]) throws {
        do {
            let own = writes.filter { $0.store == nil }
            if own.count < writes.count {
                stagedForShared += writes
                shared = try SharedWrites(stagedForShared)
            }
            if !own.isEmpty { try store.apply(own) }
        } catch {
            drop()
            throw error
        }
    }

    /// Whether what is in Redis can be such that a write does not fit.
    var mayBeRefused: Bool { stagedForShared.contains(where: \.mayBeRefused) }

    /// The step comes to nothing.
    mutating func drop() {
        store.dropChanges()
        clear()
    }

    /// Redis has what the step wrote.
    mutating func settle() {
        store.forgetChanges()
        clear()
    }

    private mutating func clear() {
        shared = nil
        stagedForShared = []
    }
}

extension StagedWrite {
    fileprivate var mayBeRefused: Bool {
        switch operation {
        case .put, .remove: false
        case .increment, .putIfAbsent, .append: store != nil
        }
    }
}
