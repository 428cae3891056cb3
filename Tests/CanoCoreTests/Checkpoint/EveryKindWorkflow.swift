import CanoCore

/// A workflow with a state of every kind a log can tell apart, which notes what it does by visit.
struct EveryKindWorkflow {
    let journal: Journal<String>
    /// Where plain states and steps lead.
    let next: Kind
    /// Whether plain states fail.
    let fails: Bool

    private struct Undoable: CompensatableTask {
        let name: String
        let next: Kind
        let journal: Journal<String>
        var config: TaskConfig { .minimal }
        var compensationConfig: TaskConfig { .minimal }

        func run(_ context: TaskContext<Kind>) async throws -> (next: Kind, receipt: Int) {
            journal.add("run \(context.visit)")
            return (next, context.visit)
        }

        func compensate(_ context: TaskContext<Kind>, _ visit: Int) async throws { journal.add("undo \(visit)") }
    }

    private struct Steps: SteppedTask {
        let name = Kind.steps.label
        let next: Kind
        let journal: Journal<String>

        func step(_ context: TaskContext<Kind>, from cursor: Int?) async throws -> StepOutcome<Int, Kind> {
            journal.add("step \(context.visit).\(cursor ?? 0)")
            let done = (cursor ?? 0) + 1
            return done > 2 ? .done(next) : .more(done)
        }
    }

    private struct Timer: TimerTask {
        let name = Kind.timer.label
        let next: Kind
        let journal: Journal<String>

        func wait(_ context: TaskContext<Kind>) async throws -> TimerOutcome {
            journal.add("wait \(context.visit)")
            return .duration(.seconds(5))
        }

        func afterWait(_ context: TaskContext<Kind>) async throws -> Kind { next }
    }

    private struct Reading: StreamTask {
        let name = Kind.stream.label
        let next: Kind
        let journal: Journal<String>

        func open(_ context: TaskContext<Kind>, from cursor: Int?) async throws -> AsyncStream<Int> {
            journal.add("open \(context.visit).\(cursor ?? 0)")
            return AsyncStream { source in
                for item in 1...2 where item > cursor ?? 0 { source.yield(item) }
                source.finish()
            }
        }

        func process(_ item: Int, _ context: TaskContext<Kind>) async throws -> (output: Int, cursor: Int) { (item, item) }

        func flush(_ outputs: [Int], _ context: TaskContext<Kind>) async throws -> WindowSignal<Kind> {
            journal.add("flush \(context.visit).\(outputs[0])")
            return .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext<Kind>) async throws -> Kind { next }
    }

    private struct Branch: BranchTask {
        let index: Int
        let journal: Journal<String>
        var name: String { "branch-\(index)" }
        var config: TaskConfig { .minimal }

        func run(_ context: TaskContext<Kind>) async throws { journal.add("branch \(context.visit).\(index)") }
    }

    private struct Router: RouterTask {
        let name = Kind.router.label
        let next: Kind
        let journal: Journal<String>

        func route(_ context: TaskContext<Kind>) async throws -> Kind {
            journal.add("route \(context.visit)")
            return next
        }
    }

    /// plain → … as `next` says; book → reserve → steps → timer → router → split → stream → plain otherwise.
    var workflow: Workflow<Kind> {
        let (journal, next, fails) = (journal, next, fails)
        return Workflow<Kind>()
            .register(.plain, name: Kind.plain.label, config: .minimal) { context in
                journal.add("plain \(context.visit)")
                if fails { throw Mishap() }
                return next
            }
            .register(.book, Undoable(name: Kind.book.label, next: .reserve, journal: journal))
            .register(.reserve, Undoable(name: Kind.reserve.label, next: .steps, journal: journal))
            .register(.steps, Steps(next: .timer, journal: journal))
            .register(.timer, Timer(next: .router, journal: journal))
            .register(.router, Router(next: .split, journal: journal))
            .registerSplit(.split, branches: (0..<2).map { Branch(index: $0, journal: journal) }, then: .stream)
            .register(.stream, Reading(next: .plain, journal: journal))
            .addExitState(.done)
    }
}
