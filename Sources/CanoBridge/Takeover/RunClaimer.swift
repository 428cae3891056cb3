import CanoBus
import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Looks for runs that no bridge works on, and goes on with those this bridge has the workflow of.
///
/// There are four kinds: whose bridge handed them back; those that waited and are to be woken; whose lease expired, for their bridge is
/// dead; and those that are to start later and are due. Each is looked for by itself, and waits for slots by itself.
final class RunClaimer: Sendable {
    let bus: Bus
    let execution: RunExecution
    private let slots: RunSlots
    let heartbeat: Heartbeat
    private let work: InFlightWork
    let search: RunSearch
    private let isolation: Mutex<SuspectIsolation>

    var runtime: WorkflowRuntime { execution.runtime }
    private var sessions: Sessions { execution.sessions }

    /// The kinds of work it looks for.
    static let kinds: [WorkOrder.Kind] = [.handBack, .wake, .takeover, .due]
    /// How often to look: at random between the two, so that bridges don't look all at once.
    private static let pause = (shortest: Duration.milliseconds(500), longest: Duration.milliseconds(900))

    init(
        _ bus: Bus, registry: WorkflowRegistry, execution: RunExecution, slots: RunSlots, heartbeat: Heartbeat, work: InFlightWork
    ) {
        self.bus = bus
        self.execution = execution
        self.slots = slots
        self.heartbeat = heartbeat
        self.work = work
        search = RunSearch(
            bus, registry: registry, sessions: execution.sessions, clock: execution.runtime.clock, random: execution.runtime.random)
        isolation = Mutex(SuspectIsolation(period: bus.limits.lease))
    }

    /// Looks now and then until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for kind in Self.kinds { group.addTask { await self.run(kind) } }
        }
    }

    private func run(_ kind: WorkOrder.Kind) async {
        var next = Look.later(due: nil)
        while !Task.isCancelled {
            do {
                let pause = pause(before: next)
                next = .later(due: nil)
                if pause > .zero { try await runtime.clock.sleep(for: pause) }
                next = try await look(for: kind)
            } catch let error as RedisError where error.code != .cancelled {
                bus.logger.warning("looking for runs failed and is tried again", metadata: ["error": "\(error)"])
            } catch {
                // Cancelled: the bridge stops.
            }
        }
    }

    /// When it is worth looking again.
    enum Look: Equatable {
        case atOnce
        /// A little later, and no later than at this moment, in milliseconds since 1970, when the first of those that wait is due.
        case later(due: Int64?)
    }

    /// How long to wait: other bridges put runs on the lists, so the first one that is known to be due need not be the first.
    private func pause(before look: Look) -> Duration {
        guard case .later(let due) = look else { return .zero }
        let pause = Self.pause.shortest + (Self.pause.longest - Self.pause.shortest) * runtime.random.next()
        return due.map { min(pause, .milliseconds(max(1, $0 - bus.clock.now))) } ?? pause
    }

    /// Looks once for runs of one kind, and begins with each once its turn for a slot has come.
    @discardableResult func look(for kind: WorkOrder.Kind) async throws -> Look {
        guard kind != .takeover || heartbeat.mayTakeOver else { return .later(due: nil) }
        let found = try await search.page(of: kind) { isWanted($0, kind) }
        if kind == .takeover, found.isEnd { isolation.withLock { $0.allWereSeen() } }
        var isAnyBegun = false
        try await slots.begin(inOrder(found.candidates), as: kind, atMost: Claim.most) { found in
            let begun = begin(found)
            if begun > 0 { isAnyBegun = true }
            return begun
        }
        if let trouble = found.trouble { throw trouble }
        return found.isMoreThere && isAnyBegun || found.leftSome ? .atOnce : .later(due: found.nextDue)
    }

    /// In an order of its own, so that bridges don't race for the same ones; list after list, so that one call asks for many; suspects last: they are
    /// taken over only when no other is under way.
    private func inOrder(_ found: [FoundRun]) -> [FoundRun] {
        let byList = Dictionary(grouping: found, by: \.list.key).values.shuffled().flatMap { $0.shuffled() }
        return byList.enumerated()
            .sorted { ($0.element.candidate.recoveries, $0.offset) < ($1.element.candidate.recoveries, $1.offset) }.map(\.element)
    }

    /// Wakes a run at once, if its workflow is here and a slot is free and its turn; else the next look finds it. One that has begun to wait, and
    /// whose session is about to end here, is woken behind that: what it waited for came in between.
    func wake(_ candidate: ClaimCandidate) {
        sessions.afterwards(candidate.run) { [self] in
            guard let list = slot(forWaiting: candidate) else { return }
            if begin([candidate], of: list) == 0 { slots.give(unusedBy: .wake) }
        }
    }

    /// Keeps a slot for a run that waits, for a script that may make it this bridge's; nil when its workflow is not here, it is in hand, or no
    /// slot is free and its turn.
    func reserve(_ candidate: ClaimCandidate) -> ReservedRun<ClaimedRun>? {
        guard let list = slot(forWaiting: candidate) else { return nil }
        guard reserve(candidate, .wake) else {
            slots.give(unusedBy: .wake)
            return nil
        }
        let asked = runtime.clock.now
        return ReservedRun(
            goOn: { [self] run in
                Task { follow(await goOn(with: run, candidate, of: list, askedAt: asked), candidate) }
            }, giveBack: { [self] in end(candidate, unusedBy: .wake) })
    }

    /// Keeps a slot for a run that is held here, for a script that may make it this bridge's again; nil when it is not held, or in hand, or no
    /// slot is free and its turn.
    func reserveHeld(_ run: String) -> ReservedHeldRun? {
        guard let task = execution.held.ask(for: run) else { return nil }
        // A heartbeat that was answered while the run was put down has taken it for lost: it goes on in another session.
        guard task.session.control.handoffReason == nil else {
            execution.held.drop(run)
            task.giveBack()
            return nil
        }
        let candidate = ClaimCandidate(again: task.session.identity)
        guard let list = slot(forWaiting: candidate) else {
            task.giveBack()
            return nil
        }
        guard reserve(candidate, list.kind, dropsHeld: false) else {
            slots.give(unusedBy: .wake)
            task.giveBack()
            return nil
        }
        let asked = runtime.clock.now
        let reserved = ReservedRun<HeldRunWaking>(
            goOn: { [self] waking in
                Task {
                    await execution.goOn(with: task, waking, askedAt: asked)
                    end(candidate, unusedBy: nil)
                }
            },
            giveBack: { [self] in
                task.giveBack()
                end(candidate, unusedBy: .wake)
            })
        return ReservedHeldRun(session: task.session, candidate: candidate, reserved: reserved)
    }

    /// Takes a slot for a run that waits, if one is free and its turn.
    private func slot(forWaiting candidate: ClaimCandidate) -> RunList? {
        guard let list = search.list(ofWaiting: candidate) else { return nil }
        slots.announce(.wake)
        guard slots.takeAtOnce(.wake) else {
            slots.withdraw(.wake)
            return nil
        }
        return list
    }

    // MARK: Runs in hand

    /// Begins to take runs over that have their slots.
    ///
    /// - Returns: How many it has begun with.
    private func begin(_ found: [FoundRun]) -> Int {
        var (begun, left) = (0, found[...])
        while let first = left.first {
            let sameList = left.prefix { $0.list.key == first.list.key }
            begun += begin(sameList.map(\.candidate), of: first.list)
            left = left.dropFirst(sameList.count)
        }
        return begun
    }

    /// Begins to take runs of one list over that have their slots; those in hand already, or not to be taken over now, are left.
    ///
    /// - Returns: How many it has begun with.
    private func begin(_ candidates: [ClaimCandidate], of list: RunList) -> Int {
        let reserved = candidates.filter { reserve($0, list.kind) }
        if !reserved.isEmpty { Task { await claim(reserved, of: list) } }
        return reserved.count
    }

    /// Follows a run until it is over here, in a task of its own: the memory of what led here would be kept for as long.
    func follow(_ run: BegunRun?, _ candidate: ClaimCandidate) {
        guard let run else { return end(candidate, unusedBy: nil) }
        Task {
            await run.untilOver()
            end(candidate, unusedBy: nil)
        }
    }

    /// Keeps a run from all other work of this bridge; false when it is in hand already, or not to be taken over now.
    private func reserve(_ candidate: ClaimCandidate, _ kind: WorkOrder.Kind, dropsHeld: Bool = true) -> Bool {
        guard sessions.reserve(candidate.run) else { return false }
        guard admits(candidate, kind) else {
            sessions.unreserve(candidate.run)
            return false
        }
        if dropsHeld { execution.held.drop(candidate.run) }
        work.begin()
        return true
    }

    /// A run is over here, or was not to be had, and its slot is another's.
    func end(_ candidate: ClaimCandidate, unusedBy kind: WorkOrder.Kind?) {
        releaseFromIsolation(candidate.run)
        // What follows may need the slot.
        slots.give(unusedBy: kind)
        sessions.unreserve(candidate.run)
        work.end()
    }

    // MARK: Runs that may kill their bridge

    private func isWanted(_ candidate: ClaimCandidate, _ kind: WorkOrder.Kind) -> Bool {
        guard let takeovers = takeovers(of: candidate, kind) else { return true }
        return isolation.withLock { $0.wants(takeovers: takeovers, at: runtime.clock.now) }
    }

    private func admits(_ candidate: ClaimCandidate, _ kind: WorkOrder.Kind) -> Bool {
        guard let takeovers = takeovers(of: candidate, kind) else { return true }
        return isolation.withLock { $0.admits(candidate.run, takeovers: takeovers, at: runtime.clock.now) }
    }

    /// How often a run was taken over in a row, this time included; nil for one that was handed back or is due and has killed no bridge.
    private func takeovers(of candidate: ClaimCandidate, _ kind: WorkOrder.Kind) -> Int? {
        let takeovers = candidate.recoveries + (kind == .takeover ? 1 : 0)
        return kind == .takeover || takeovers >= SuspectIsolation.suspectTakeovers ? takeovers : nil
    }

    /// The run has come a step further, or is no longer here.
    func releaseFromIsolation(_ run: String) { isolation.withLock { $0.release(run) } }
}
