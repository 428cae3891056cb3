#if SQLite
    import CanoBus
    import CanoRedis
    import Testing

    @testable import CanoHistory

    @Suite("The events of a run", .timeLimit(.minutes(5)))
    struct RunFoldTests {
        @Test("tell when it began and ended, in which state, and how long it stayed in each")
        func completed() throws {
            var story = Story()
            story.complete("order-1", attributes: try RunAttributes(["customer": "c-9"]), states: 2, taking: 99)
            let fold = try #require(story.fold("order-1"))
            #expect(fold.run.status == .completed)
            #expect(fold.run.state == "done")
            #expect(fold.run.version == "1")
            #expect(fold.run.attributes["customer"] == "c-9")
            #expect(fold.run.events == 4)
            #expect(fold.run.missingEvents == 0)
            #expect(fold.run.finished == story.now)
            #expect(fold.run.started == story.now - 300)
            #expect(fold.visits.map(\.state) == ["first", "state-0", "state-1"])
            #expect(fold.visits.map(\.duration) == [100, 100, 100])
        }

        @Test("tell why it failed, and that it goes on once it is resumed")
        func failed() throws {
            var story = Story()
            story.fail("order-1")
            var run = try #require(story.fold("order-1")).run
            #expect(run.status == .failed)
            #expect(run.errorCode == "refused")
            #expect(run.errorMessage == "The card was refused.")
            #expect(run.rollback == .clean)
            #expect(run.isResumable)
            story.tell("order-1", RunResumed(state: "first", row: 0, previousBridge: "b", recoveries: 0, cause: .command), epoch: 2)
            run = try #require(story.fold("order-1")).run
            #expect(run.status == .running)
            #expect(run.finished == nil)
            #expect(run.errorCode == nil)
            #expect(run.entered == story.now)
        }

        @Test("tell that it waits, until an event of the next epoch")
        func waiting() throws {
            var story = Story()
            story.tell("order-1", RunStarted(version: "1", state: "approve", input: "1"))
            story.tell("order-1", RunWaiting(state: "approve", signals: ["yes", "no"], until: 99))
            let since = story.now
            // Another branch is not done yet.
            story.tell("order-1", TaskEvent(.taskSucceeded, state: "approve", task: "other"))
            var run = try #require(story.fold("order-1")).run
            #expect(run.status == .waiting)
            #expect(run.waitingSince == since)
            #expect(run.wakeAt == 99)
            #expect(run.awaited == "yes no")
            story.tell("order-1", TaskEvent(.taskSucceeded, state: "approve", task: "approve"), epoch: 2)
            run = try #require(story.fold("order-1")).run
            #expect(run.status == .running)
            #expect(run.waitingSince == nil && run.awaited == nil)
        }

        @Test("count failed attempts, and no stay of which a part is missing")
        func missing() throws {
            var story = Story()
            story.tell("order-1", RunStarted(version: "1", state: "first", input: "1"))
            let failure = RunFailure(code: "busy", message: "busy", category: "task_execution", state: "first")
            story.tell("order-1", TaskRetried(state: "first", task: "t", attempt: 1, delay: 5, error: failure))
            story.skip("order-1", 2)
            story.tell("order-1", StateEntered(state: "third", previous: "second"))
            story.tell("order-1", RunCompleted(state: "done", output: "1", duration: 3))
            let fold = try #require(story.fold("order-1"))
            #expect(fold.run.retries == 1)
            #expect(fold.run.events == 6)
            #expect(fold.run.missingEvents == 2)
            #expect(fold.run.isDoubtful)
            #expect(fold.visits.map(\.state) == ["third"])
        }

        @Test("of a child and of one that is to start later tell whose it is, and when it began")
        func scheduled() throws {
            var story = Story()
            story.tell("order-1//3", RunScheduled(notBefore: 5, attributes: try RunAttributes(["a": 1])), epoch: 0)
            let created = story.now
            var run = try #require(story.fold("order-1//3")).run
            #expect(run.status == .scheduled)
            #expect(run.parent == "order-1" && run.root == "order-1")
            #expect(run.version == nil && run.started == nil)
            story.tell("order-1//3", RunStarted(version: "2", state: "first", input: "1"))
            run = try #require(story.fold("order-1//3")).run
            #expect(run.status == .running)
            #expect(run.created == created && run.started == story.now)
            #expect(run.attributes["a"] == 1)
        }

        @Test("of a cancelled one that was not undone whole ask for its record, which says why")
        func partial() throws {
            var story = Story()
            story.tell("order-1", RunStarted(version: "1", state: "first", input: "1"))
            story.tell("order-1", RunCancelled(state: "first", reason: "requested", rollback: .partial, duration: 1))
            let run = try #require(story.fold("order-1")).run
            #expect(run.status == .cancelled && run.rollback == .partial && run.isResumable && run.isDoubtful)
        }

        @Test("that say what this release doesn't know are counted")
        func unknown() throws {
            var story = Story()
            story.complete("order-1")
            let fields = story.events[0].fields.map { $0.name == "type" ? ($0.name, "cano.run.praised") : $0 }
            let event = try #require(
                HistoryEvent(.init(id: story.events[0].id, fields: fields.map { (Array($0.0.utf8), Array($0.1.utf8)) })))
            #expect(event.data == nil)
            var fold = RunFold(event, number: 1)
            fold.take(event, number: 1)
            #expect(fold.run.events == 1 && fold.run.status == .running)
            #expect(HistoryEvent(.init(id: story.events[0].id, fields: [([1], [2])])) == nil)
        }
    }
#endif
