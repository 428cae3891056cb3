public import Synchronization

/// Where the attempts of one sequence of steps stage their writes, and what tells an attempt that it is over.
///
/// Attempts follow each other, so one scope serves them all: each context carries the generation it was made for, and
/// ending an attempt begins the next generation. That closes every context handed out before without touching it.
@usableFromInline final class AttemptScope: Sendable {
    private struct Staging {
        var generation: UInt64 = 0
        var own = StagedWrites()
        /// In the order they were first written to.
        var shared: [StagedWrites] = []
        /// The names that parts of this attempt have claimed.
        var claims = StagedClaims()

        /// All writes; those to one store in order.
        var writes: [StagedWrite] { shared.isEmpty ? own.writes : own.writes + shared.flatMap(\.writes) }

        subscript(store: String?) -> StagedWrites {
            get { store.map { name in shared.first { $0.store == name } ?? StagedWrites(to: name) } ?? own }
            _modify {
                if let store {
                    let index = shared.firstIndex { $0.store == store } ?? shared.endIndex
                    if index == shared.endIndex { shared.append(StagedWrites(to: store)) }
                    yield &shared[index]
                } else {
                    yield &own
                }
            }
        }
    }

    /// The attempt that those of this scope are parts of.
    @usableFromInline struct Outer: Sendable {
        @usableFromInline let scope: AttemptScope
        @usableFromInline let generation: UInt64
    }

    @usableFromInline let run: RunScope
    /// `nil` unless attempts are parts of another one: they see what it wrote, and are over when it is.
    @usableFromInline let outer: Outer?
    /// A stand-alone scope writes through: there is no engine to commit what it staged.
    @usableFromInline let isStaged: Bool
    /// `nil` until something is staged.
    private let staging = Mutex<Staging?>(nil)
    @usableFromInline let current = Atomic<UInt64>(1)
    /// The latest generation that staged something; spares an attempt that wrote nothing the lock.
    @usableFromInline let lastWriter = Atomic<UInt64>(0)
    /// What its claims are known by, once there is one; 0 before.
    private let claimantNumber = Atomic<UInt64>(0)
    private static let claimants = Atomic<UInt64>(0)

    @usableFromInline init(run: RunScope, staged: Bool = true) {
        self.run = run
        outer = nil
        isStaged = staged
    }

    /// The scope of parts of that scope's present attempt.
    convenience init(within whole: AttemptScope) { self.init(within: whole, whole.generation) }

    /// The scope of parts of that attempt.
    init(within whole: AttemptScope, _ generation: UInt64) {
        run = whole.run
        outer = Outer(scope: whole, generation: generation)
        isStaged = true
    }

    /// The generation contexts are made for.
    @inlinable var generation: UInt64 { current.load(ordering: .relaxed) }

    /// Ends the present attempt. Called only by the flow that makes the attempts, so there is one writer.
    ///
    /// - Returns: What it wrote, in order.
    @inlinable func endAttempt() -> [StagedWrite] {
        let ended = current.load(ordering: .relaxed)
        current.store(ended &+ 1, ordering: .releasing)
        guard lastWriter.load(ordering: .acquiring) == ended else { return [] }
        return writes(of: ended)
    }

    @usableFromInline func writes(of ended: UInt64) -> [StagedWrite] {
        staging.withLock { staging in
            defer { staging = nil }
            return staging?.generation == ended ? staging?.writes ?? [] : []
        }
    }

    /// Whether the attempt that those of this scope are parts of is over, so that they are too.
    var isLeftBehind: Bool {
        guard let outer else { return false }
        return outer.scope.current.load(ordering: .acquiring) != outer.generation
    }

    /// Takes what the present attempt wrote so far and leaves it open.
    func takeWrites() -> [StagedWrite] {
        staging.withLock { staging in
            defer { staging = nil }
            return staging?.generation == generation ? staging?.writes ?? [] : []
        }
    }

    /// Throws ``CanoError/Category/attemptEnded`` when the attempt of that generation is over.
    @inlinable func ensureOpen(_ generation: UInt64) throws(CanoError) {
        guard current.load(ordering: .acquiring) == generation else { throw .attemptEnded }
        if let outer { try outer.scope.ensureOpen(outer.generation) }
    }

    /// Keeps a write to the named store, or to the run's own, until the attempt succeeds.
    func stage(_ operation: StagedWrite.Operation, to key: String, of store: String?, in generation: UInt64) throws(CanoError) {
        try staging.withLock { (staging: inout Staging?) throws(CanoError) in
            try open(&staging, generation)
            staging?[store].add(operation, to: key)
            lastWriter.store(generation, ordering: .releasing)
        }
    }

    private func open(_ staging: inout Staging?, _ generation: UInt64) throws(CanoError) {
        try ensureOpen(generation)
        if staging?.generation != generation { staging = Staging(generation: generation) }
    }

    /// Keeps all that until the attempt succeeds.
    func stage(_ writes: [StagedWrite], in generation: UInt64) throws(CanoError) {
        for write in writes { try stage(write.operation, to: write.key, of: write.store, in: generation) }
    }

    // MARK: Claims

    /// What its claims are known by. They outlive it, so its address would not do: another scope may get that.
    private var claimant: UInt64 {
        let known = claimantNumber.load(ordering: .acquiring)
        guard known == 0 else { return known }
        let new = Self.claimants.wrappingAdd(1, ordering: .relaxed).newValue
        let (isNew, other) = claimantNumber.compareExchange(expected: 0, desired: new, ordering: .acquiringAndReleasing)
        return isNew ? new : other
    }

    /// Keeps a value that is to be set if there is none, unless an attempt beside this one, or a task inside it, has claimed the name.
    ///
    /// - Returns: Whether it was kept.
    func claim(_ value: any Codable & Sendable, for key: String, of store: String?, in generation: UInt64) throws(CanoError) -> Bool {
        let place = StagedClaims.Place(store: store, key: key)
        guard try reserve(place, in: generation) else { return false }
        do throws(CanoError) {
            let isFirst = try staging.withLock { (staging: inout Staging?) throws(CanoError) -> Bool in
                try open(&staging, generation)
                guard staging?[store].sets(key) == false else { return false }
                staging?[store].add(.putIfAbsent(value), to: key)
                lastWriter.store(generation, ordering: .releasing)
                return true
            }
            // What ended meanwhile has given its claims up already, and perhaps not this one.
            try ensureOpen(generation)
            return isFirst
        } catch {
            release(place, of: generation)
            throw error
        }
    }

    /// Takes up what was written in another process, its claims included.
    func takeUp(_ writes: [StagedWrite]) throws(CanoError) {
        for write in writes {
            if case .putIfAbsent(let value) = write.operation {
                _ = try claim(value, for: write.key, of: write.store, in: generation)
            } else {
                try stage(write.operation, to: write.key, of: write.store, in: generation)
            }
        }
    }

    /// Ends the present attempt, which has come to nothing: what it claimed others can have.
    func dropAttempt() {
        let ended = generation
        let writes = endAttempt()
        guard outer != nil, !writes.isEmpty else { return }
        for write in writes where write.isClaim { release(StagedClaims.Place(store: write.store, key: write.key), of: ended) }
    }

    /// The attempt that was these writes is a part of the whole one from now on, and with it its claims.
    func handOver(_ writes: [StagedWrite]) {
        guard let outer else { return }
        let ended = StagedClaims.Claimant(scope: claimant, generation: generation &- 1)
        for write in writes where write.isClaim {
            _ = outer.scope.staging.withLock { $0?.claims.remove(StagedClaims.Place(store: write.store, key: write.key), of: ended) }
        }
    }

    /// Claims a name among the parts of the whole attempt, and for that one among what it is a part of.
    private func reserve(_ place: StagedClaims.Place, in generation: UInt64) throws(CanoError) -> Bool {
        guard let outer else { return true }
        let claimant = StagedClaims.Claimant(scope: claimant, generation: generation)
        let isGranted = try outer.scope.staging.withLock { (staging: inout Staging?) throws(CanoError) -> Bool in
            try outer.scope.open(&staging, outer.generation)
            return staging?.claims.add(place, for: claimant) ?? false
        }
        guard isGranted else { return false }
        if try outer.scope.reserve(place, in: outer.generation) { return true }
        _ = outer.scope.staging.withLock { $0?.claims.remove(place, of: claimant) }
        return false
    }

    private func release(_ place: StagedClaims.Place, of generation: UInt64) {
        guard let outer else { return }
        let claimant = StagedClaims.Claimant(scope: claimant, generation: generation)
        let wasGranted = outer.scope.staging.withLock { $0?.claims.remove(place, of: claimant) ?? false }
        if wasGranted { outer.scope.release(place, of: outer.generation) }
    }

    // MARK: Reading

    /// Whether the attempt replaced the value, so that the store need not be asked.
    func hides(_ key: String, of store: String?, in generation: UInt64) throws(CanoError) -> Bool {
        let isReplaced = try replaces(key, of: store, in: generation)
        guard let outer, !isReplaced else { return isReplaced }
        return try outer.scope.hides(key, of: store, in: outer.generation)
    }

    func view<Value: Sendable>(
        of key: StoreKey<Value>, in store: String?, over base: Value?, _ generation: UInt64
    ) throws(CanoError) -> Value? {
        guard let outer else { return try ownView(of: key, in: store, over: base, generation) }
        // What the attempt replaced need not even be of that type.
        let isReplaced = try replaces(key.name, of: store, in: generation)
        let seen = isReplaced ? nil : try outer.scope.view(of: key, in: store, over: base, outer.generation)
        return try ownView(of: key, in: store, over: seen, generation)
    }

    private func ownView<Value: Sendable>(
        of key: StoreKey<Value>, in store: String?, over base: Value?, _ generation: UInt64
    ) throws(CanoError) -> Value? {
        try reading(store, generation, else: base) { writes throws(CanoError) in try writes.view(of: key, over: base) }
    }

    func names(of store: String?, over base: [String], in generation: UInt64) throws(CanoError) -> [String] {
        let seen = if let outer { try outer.scope.names(of: store, over: base, in: outer.generation) } else { base }
        return try reading(store, generation, else: seen) { $0.names(over: seen) }
    }

    private func replaces(_ key: String, of store: String?, in generation: UInt64) throws(CanoError) -> Bool {
        try reading(store, generation, else: false) { $0.hides(key) }
    }

    private func reading<Value: Sendable>(
        _ store: String?, _ generation: UInt64, else base: Value, _ read: (borrowing StagedWrites) throws(CanoError) -> Value
    ) throws(CanoError) -> Value {
        try ensureOpen(generation)
        guard lastWriter.load(ordering: .acquiring) == generation else { return base }
        return try staging.withLock { (staging: inout Staging?) throws(CanoError) -> Value in
            guard let staging, staging.generation == generation else { return base }
            return try read(staging[store])
        }
    }
}

extension CanoError {
    @usableFromInline static var attemptEnded: CanoError {
        CanoError(.attemptEnded, "the attempt this context belongs to has ended; what it does now has no effect on the run")
    }
}
