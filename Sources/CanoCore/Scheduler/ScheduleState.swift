import CanoPrimitives

/// One flow of a scheduler: when it is due, what it rests from, whether it may run. Decides only.
///
/// Moments are milliseconds on a time line its owner chose: the wall clock for timings that follow it, else anything that
/// never goes back.
package struct ScheduleState: Sendable {
    /// A run that is to begin.
    package struct Start: Sendable, Hashable {
        /// When it was due; `nil` when it was triggered.
        package let due: Int64?
        /// Whether it makes up for a due time that was missed.
        package let isCatchUp: Bool
    }

    /// Where it stands, for those who keep it between two looks and share it.
    package struct Position: Sendable, Hashable {
        /// What a fixed rate counts from.
        package var anchor: Int64
        /// The next due time; `nil` when there is none any more.
        package var next: Due?
        /// Missed due times that wait for their run, oldest first.
        package var backlog: [Int64]

        package init(anchor: Int64, next: Due?, backlog: [Int64] = []) {
            self.anchor = anchor
            self.next = next
            self.backlog = backlog
        }
    }

    /// A due time to come, and when its run begins: later by its share of the jitter.
    package struct Due: Sendable, Hashable {
        package let due: Int64
        package let start: Int64

        package init(due: Int64, start: Int64) {
            self.due = due
            self.start = start
        }
    }

    /// How a run ended.
    package enum Outcome: Sendable {
        case completed
        /// It was cancelled, or goes on elsewhere: neither a success nor a failure.
        case stopped
        case failed(CanoError)
    }

    /// What the end of a run means for the flow.
    package enum Consequence: Sendable, Hashable { case none, rests(Duration), trips }

    /// Why a trigger is refused.
    package enum Refusal: Error, Hashable { case running, tripped }

    private enum Rest {
        case idle
        case completed
        case backoff(CanoError)
        case tripped(CanoError)
    }

    private let schedule: Schedule
    private let policy: BackoffPolicy
    private let lateness: Int64
    private let jitter: Int64
    package private(set) var position = Position(anchor: 0, next: nil)
    /// The due times that the last ``takeDue(at:random:limit:)`` left out, because a run was not over.
    package private(set) var leftOut: [Int64] = []
    private var rest = Rest.idle
    private var restsUntil: Int64?
    /// The latest moment seen, to notice that the clock was set back.
    private var latest = Int64.min
    private var running = 0
    private var runCount = 0
    private var failures = 0
    private var lastRun: Int64?

    /// A clock set back by more than this is not waited for. Smaller steps are, so that nothing is due twice.
    private static let largestStepBack: Int64 = 3 * 3_600_000

    package init(_ schedule: Schedule, backoff: BackoffPolicy = BackoffPolicy()) {
        self.schedule = schedule
        policy = backoff
        lateness = Self.milliseconds(schedule.lateness)
        jitter = Self.milliseconds(schedule.jitter)
    }

    /// Goes on from a position that was kept, while a run goes on or not.
    package init(_ schedule: Schedule, at position: Position, isRunning: Bool) {
        self.init(schedule)
        self.position = position
        running = isRunning ? 1 : 0
    }

    /// The first due time is to be found: the flow's scheduler has started.
    package mutating func begin(at now: Int64, random: RandomSource) {
        position.anchor = now
        switch schedule.timing {
        case .every, .fixedRate: plan(now, random)
        case .cron: plan(schedule.timing.next(after: schedule.lastDue ?? now, anchor: now), random)
        case .once(let at): plan(schedule.lastDue.map { $0 >= at } ?? false ? nil : at, random)
        case .manual: break
        }
    }

    /// The runs that are to begin now, that many at most; they count as running from here. What is left over is due still.
    package mutating func takeDue(at now: Int64, random: RandomSource, limit: Int = .max) -> [Start] {
        noticeStepBack(now, random)
        noticeMissed(now, random)
        var starts: [Start] = []
        leftOut = []
        while let due = position.backlog.first, mayRun(at: now), starts.count < limit {
            position.backlog.removeFirst()
            starts.append(start(due: due, isCatchUp: true, at: now))
        }
        while let next = position.next, next.start <= now, starts.count + leftOut.count < limit {
            position.next = nil
            if mayRun(at: now) {
                starts.append(start(due: next.due, isCatchUp: false, at: now))
            } else if case .once = schedule.timing, !isTripped {
                // It has no other time, so it waits for its turn.
                position.backlog.append(next.due)
            } else if running > 0, !isTripped {
                leftOut.append(next.due)
            }
            plan(schedule.timing.next(after: next.due, anchor: position.anchor), random)
        }
        return starts
    }

    /// When ``takeDue(at:random:)`` is to be asked again, unless a run ends before; `nil` when only that, or a trigger, changes
    /// anything.
    package var wakeUp: Int64? {
        let isHeldUp = isTripped || (running > 0 && schedule.overlap == .skip)
        let waiting: Int64? = position.backlog.isEmpty || isHeldUp ? nil : restsUntil ?? .min
        return [waiting, position.next?.start].compactMap { $0 }.min()
    }

    /// A caller wants a run now. A rest doesn't keep it from running.
    package mutating func trigger(at now: Int64) throws(Refusal) -> Start {
        guard !isTripped else { throw .tripped }
        guard running == 0 || schedule.overlap == .allow else { throw .running }
        return start(due: nil, isCatchUp: false, at: now)
    }

    /// A run has ended.
    @discardableResult
    package mutating func ended(_ outcome: Outcome, at now: Int64, random: RandomSource) -> Consequence {
        running -= 1
        var consequence = Consequence.none
        switch outcome {
        case _ where isTripped:
            break
        case .completed:
            (rest, failures, restsUntil) = (.completed, 0, nil)
        case .stopped:
            rest = .idle
        case .failed(let error):
            failures += 1
            if policy.trips(afterFailures: failures) {
                (rest, restsUntil, position.backlog) = (.tripped(error), nil, [])
                consequence = .trips
            } else {
                let pause = policy.delay(afterFailures: failures, random: random)
                (rest, restsUntil) = (.backoff(error), now + Self.milliseconds(pause))
                consequence = .rests(pause)
            }
        }
        planInterval(at: now, random)
        return consequence
    }

    /// Forgets all failures. A run under way goes on.
    package mutating func reset(at now: Int64, random: RandomSource) {
        (rest, failures, restsUntil) = (.idle, 0, nil)
        planInterval(at: now, random)
    }

    package var isRunning: Bool { running > 0 }
    package var isTripped: Bool { if case .tripped = rest { true } else { false } }

    /// What is known of the flow, with its moments moved by that much onto the wall clock's time line.
    package func info(name: String, movedBy shift: Int64) -> FlowInfo {
        let status: FlowStatus =
            switch rest {
            case _ where running > 0: .running
            case .idle: .idle
            case .completed: .completed
            case .backoff(let error): .backoff(until: (restsUntil ?? 0) + shift, failures: failures, lastError: error)
            case .tripped(let error): .tripped(failures: failures, lastError: error)
            }
        return FlowInfo(
            name: name, status: status, runCount: runCount, lastRun: lastRun.map { $0 + shift }, failureStreak: failures,
            nextRun: isTripped ? nil : position.next.map { $0.start + shift })
    }

    private mutating func start(due: Int64?, isCatchUp: Bool, at now: Int64) -> Start {
        running += 1
        runCount += 1
        lastRun = now
        // It is due again some time after the end of this run.
        if case .every = schedule.timing { position.next = nil }
        return Start(due: due, isCatchUp: isCatchUp)
    }

    private func mayRun(at now: Int64) -> Bool {
        !isTripped && (running == 0 || schedule.overlap == .allow) && now >= restsUntil ?? .min
    }

    private mutating func plan(_ due: Int64?, _ random: RandomSource) {
        position.next = due.map { Due(due: $0, start: jitter == 0 ? $0 : $0 + Int64(Double(jitter) * random.next())) }
    }

    /// An interval begins when nothing runs, and never ends within a rest.
    private mutating func planInterval(at now: Int64, _ random: RandomSource) {
        guard case .every(let interval) = schedule.timing, running == 0, !isTripped else { return }
        plan(max(now + Self.milliseconds(interval), restsUntil ?? .min), random)
    }

    /// From nothing to a century, so that no sum of moments and durations is out of range.
    private static func milliseconds(_ duration: Duration) -> Int64 {
        min(max(duration.wholeMilliseconds, 0), Timing.century)
    }

    private mutating func noticeStepBack(_ now: Int64, _ random: RandomSource) {
        defer { latest = max(latest, now) }
        guard case .cron = schedule.timing, latest != .min, now < latest - Self.largestStepBack else { return }
        latest = now
        plan(schedule.timing.next(after: now, anchor: position.anchor), random)
    }

    /// Puts what is too late into the backlog, or nowhere.
    private mutating func noticeMissed(_ now: Int64, _ random: RandomSource) {
        if case .every = schedule.timing { return }
        let missed = now - lateness - jitter
        guard let due = position.next?.due, due < missed else { return }
        let limit = schedule.catchUp.limit
        let found = schedule.timing.latest(limit, after: due - 1, through: missed - 1, anchor: position.anchor)
        position.backlog = isTripped ? [] : (position.backlog + found).suffix(limit)
        plan(schedule.timing.next(after: missed - 1, anchor: position.anchor), random)
    }
}
