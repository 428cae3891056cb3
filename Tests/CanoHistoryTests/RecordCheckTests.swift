#if SQLite
    import CanoBus
    import Testing

    @testable import CanoHistory

    @Suite("A record", .timeLimit(.minutes(5)))
    struct RecordCheckTests {
        private static let begun: Int64 = 1_795_480_000_001

        private static func known(_ tell: (inout Story) -> Void) -> HistoricRun? {
            var story = Story()
            tell(&story)
            return story.fold("order-1")?.run
        }

        private static func record(_ status: RunStatus, events: Int, _ more: [String: String] = [:]) -> RecordedRun? {
            RecordedRun(
                "order-1",
                [
                    "workflow": "orders", "version": "1", "status": status.rawValue, "state": "last", "epoch": "2", "events": "\(events)",
                    "rows": "1", "created": "\(begun)", "started": "\(begun)", "updated": "\(begun + 50)", "bridge": "bridge-2",
                ].merging(more) { $1 })
        }

        @Test("that is damaged is not taken for one that is missing")
        func damage() {
            func isMissing(_ values: [[UInt8]?]) -> Bool {
                if case .missing = RecordedRun.read("order-1", values) { true } else { false }
            }
            func isUnreadable(_ values: [[UInt8]?]) -> Bool {
                if case .unreadable = RecordedRun.read("order-1", values) { true } else { false }
            }
            let none: [[UInt8]?] = Array(repeating: nil, count: 23)
            #expect(isMissing(none) && !isUnreadable(none))
            for place in none.indices {
                var values = none
                values[place] = Array("nonsense".utf8)
                #expect(isUnreadable(values) && !isMissing(values))
            }
        }

        @Test("says nothing new of a run whose events were all read")
        func same() {
            let known = Self.known { $0.complete("order-1") }
            #expect(RecordCheck.of(Self.record(.completed, events: 3, ["finished": "\(Self.begun + 2)"]), against: known) == .nothing)
        }

        @Test("tells a run's end whose last events are gone, and how many")
        func ended() throws {
            let known = Self.known { $0.tell("order-1", RunStarted(version: "1", state: "first", input: "1")) }
            let failure = RunFailure(code: "refused", message: "no", category: "task_execution", state: "last").json
            let record = Self.record(
                .failed, events: 5, ["finished": "\(Self.begun + 40)", "error": failure, "rollback": "clean", "resumable": "1"])
            guard case .change(let run) = RecordCheck.of(record, against: known) else { return #expect(Bool(false), "nothing changed") }
            #expect(run.status == .failed && run.state == "last" && run.finished == Self.begun + 40)
            #expect(run.errorCode == "refused" && run.rollback == .clean && run.isResumable)
            #expect(run.events == 5 && run.missingEvents == 4)
            #expect(run.number == known?.number)
        }

        @Test("adds what only the first events say")
        func beginning() throws {
            let known = Self.known {
                $0.skip("order-1")
                $0.tell("order-1", StateEntered(state: "second", previous: "first"))
            }
            #expect(known?.version == nil && known?.isDoubtful == true)
            guard case .change(let run) = RecordCheck.of(Self.record(.running, events: 2, ["attributes": #"{"a":1}"#]), against: known)
            else {
                return #expect(Bool(false), "nothing changed")
            }
            #expect(run.version == "1" && run.started == Self.begun && run.attributes["a"] == 1)
            #expect(!run.isDoubtful && run.missingEvents == 1)
            #expect(run.entered == known?.entered)
        }

        @Test("of a run that waits where its bridge says nothing of it tells that it does")
        func waits() throws {
            let known = Self.known { $0.tell("order-1", RunStarted(version: "1", state: "first", input: "1")) }
            let more = ["waiting_since": "\(Self.begun + 30)", "waits": #"[[1,"yes","no"],[1,"//3"]]"#, "wake_at": "9"]
            guard case .change(let run) = RecordCheck.of(Self.record(.waiting, events: 1, more), against: known) else {
                return #expect(Bool(false), "nothing changed")
            }
            #expect(run.status == .waiting && run.waitingSince == Self.begun + 30 && run.awaited == "yes no" && run.wakeAt == 9)
        }

        @Test("that is gone leaves a run lost that was not over, and any other as it was")
        func gone() throws {
            let open = Self.known { $0.tell("order-1", RunStarted(version: "1", state: "first", input: "1")) }
            guard case .change(let run) = RecordCheck.of(nil, against: open) else { return #expect(Bool(false), "nothing changed") }
            #expect(run.status == .lost && run.finished == Self.begun)
            #expect(RecordCheck.of(nil, against: Self.known { $0.complete("order-1") }) == .nothing)
            #expect(RecordCheck.of(nil, against: nil) == .nothing)
        }

        @Test("of an unknown run, or of another one that has the id now, is a run to add")
        func other() {
            #expect(RecordCheck.of(Self.record(.completed, events: 3), against: nil) == .add)
            let known = Self.known { $0.complete("order-1") }
            let later = Self.record(.running, events: 1, ["created": "\(Self.begun + 100_000)"])
            #expect(RecordCheck.of(later, against: known) == .add)
        }
    }
#endif
