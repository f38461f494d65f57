import type { Choice, Conversation, ConversationView, Customer, Message, Phase } from '../../index.ts'
import type { Random } from '../random.ts'
import type { Dialogue } from './dialogues.ts'
import type { Stage } from './stage.ts'
import { drawHelped, drawScore, drawTemper, drawThinkMs, drawTypingMs, type Temper } from './temper.ts'

/** Nobody has said anything for so long: what comes then is a reminder, not an answer. */
const REMINDER_MS = 150_000
/** With the bot, they go on by themselves when nothing comes back. */
const UNANSWERED_MS = 45_000
/** So many wishes for a person are heard by nobody, then they leave. */
const MAX_WISHES = 3

/** A customer of the file: says their own words when it is their turn, and does by chance what the file does not tell. */
export class ReplayedCustomer {
  readonly who: Customer
  readonly #stage: Stage
  readonly #random: Random
  readonly #bursts: Dialogue['bursts']
  readonly #skills: readonly string[]
  readonly #temper: Temper
  #conversationId = ''
  #phase: Phase = 'greeting'
  #nextBurst = 0
  /** What is left of the burst they are in. */
  #saying: readonly string[] = []
  /** Somebody has spoken since they last did. */
  #hasHeard = false
  #silentFrom: number
  #silentSince: number | undefined
  /** They do not look at the chat any more. */
  #isGone = false
  #wishCount = 0
  #callOff = (): void => {}
  #keepPatience = (): void => {}

  constructor(
    stage: Stage,
    who: Customer,
    about: { readonly dialogue: Dialogue; readonly random: Random; readonly skills: readonly string[] },
  ) {
    this.who = who
    this.#stage = stage
    this.#random = about.random
    this.#bursts = about.dialogue.bursts
    this.#skills = about.skills
    this.#temper = drawTemper(about.random, this.#bursts.length)
    this.#silentFrom = this.#temper.silentFrom
  }

  /** They have nothing more to say: whoever serves them may close. */
  get hasFinished(): boolean {
    return this.#isGone || (this.#saying.length === 0 && this.#nextBurst >= this.#bursts.length)
  }

  arrive(): void {
    const visit = { customer: this.who, ...(this.#skills.length === 0 ? {} : { skills: this.#skills }) }
    this.#stage.attempt(this.#stage.engine.openConversation(visit).then(() => {}))
  }

  joined(conversationId: string): void {
    this.#conversationId = conversationId
  }

  moved(to: Phase): void {
    this.#phase = to
    this.#keepPatience()
    const { patienceMs } = this.#temper
    if (to === 'live') this.#hasHeard = false
    if (to === 'closed') this.#callOff()
    // What the bot asks first was said in the same step, while an agent was still there.
    if (to === 'closing' && this.#silentSince === undefined && !this.#isGone) this.#plan(drawThinkMs(this.#random))
    if (to !== 'waiting' || patienceMs === undefined) return
    this.#keepPatience = this.#stage.later(patienceMs, () => {
      if (this.#phase === 'waiting') this.#leave()
    })
  }

  hears({ author }: Message): void {
    if (author === 'customer') return
    if (this.#silentSince !== undefined) {
      if (!this.#temper.wakesUp || this.#stage.clock.now() - this.#silentSince < REMINDER_MS) return
      this.#silentSince = undefined
      this.#silentFrom = Number.POSITIVE_INFINITY
    } else if (this.#phase === 'live' && author !== 'agent') return
    if (this.#isGone && !(author === 'agent' && this.#temper.returns)) return
    this.#isGone = false
    this.#hasHeard = true
    if (this.#saying.length === 0) this.#plan(drawThinkMs(this.#random))
  }

  get #own(): Conversation {
    return this.#stage.engine.conversation(this.#conversationId)
  }

  #plan(afterMs: number, action = () => this.#decide()): void {
    this.#callOff()
    this.#callOff = this.#stage.later(afterMs, action)
  }

  #decide(): void {
    if (this.#silentSince !== undefined || this.#isGone) return
    this.#stage.attempt(this.#own.view().then((view) => this.#act(view)))
  }

  #act(view: ConversationView): void {
    switch (view.phase) {
      case 'greeting':
      case 'helping':
        return this.#actWithBot(view)
      case 'waiting':
        return this.#actInQueue(view)
      case 'live':
        return this.#hasHeard ? this.#sayNext() : undefined
      case 'async':
        return this.#leaveMessage()
      case 'closing':
        return this.#actInClosing(view)
      case 'closed':
    }
  }

  #actWithBot(view: ConversationView): void {
    if (view.path === 'helping.searching') return
    if (view.path === 'helping.suggesting') return this.#judgeArticle(view)
    if (isStep(view)) return this.#answerStep(view)
    const hasMore = this.#nextBurst < this.#bursts.length
    const person = newestChoices(view).find(({ id }) => id === 'person')
    if (hasMore && (person === undefined || !this.#temper.wantsPerson)) this.#sayNext()
    else this.#wishForPerson(person)
  }

  #judgeArticle({ transcript }: ConversationView): void {
    const article = transcript.findLast((message) => message.suggestions !== undefined)?.suggestions?.[0]?.article
    const question = this.#bursts[Math.max(0, this.#nextBurst - 1)]?.join(' ') ?? ''
    const told = [article?.title, article?.text, ...(article?.questions ?? [])].join(' ')
    if (drawHelped(this.#random, question, told)) return this.#choose('yes')
    this.#choose(this.#random.chance(0.25) ? 'person' : 'no')
  }

  #wishForPerson(choice: Choice | undefined): void {
    this.#wishCount += 1
    if (this.#wishCount > MAX_WISHES) return this.#leave()
    if (choice !== undefined) return this.#choose(choice.id)
    this.#plan(UNANSWERED_MS)
    this.#stage.attempt(this.#own.requestAgent())
  }

  #actInQueue(view: ConversationView): void {
    if (isStep(view)) return this.#answerStep(view)
    if (this.#temper.leavesMessage && newestChoices(view).some(({ id }) => id === 'message')) this.#choose('message')
  }

  /** Once; then they go about their day. */
  #leaveMessage(): void {
    if (!this.#hasHeard) return
    const words = this.#bursts[this.#nextBurst]?.join('\n') ?? 'Please write to me when somebody is there.'
    this.#nextBurst += 1
    this.#say(words)
    this.#isGone = true
    this.#callOff()
  }

  #actInClosing(view: ConversationView): void {
    if (this.#random.chance(0.06)) return this.#leave()
    if (this.#random.chance(0.08)) return this.#fallSilent()
    if (view.path === 'closing.solved') return this.#choose(this.#random.chance(0.9) ? 'yes' : 'no')
    if (view.path !== 'closing.rating') return this.#answerStep(view)
    if (this.#random.chance(0.25)) return this.#say('skip')
    this.#choose(drawScore(this.#random))
  }

  /** A question of a plugin, of which nothing is known here. */
  #answerStep(view: ConversationView): void {
    const [first, ...others] = view.transcript.at(-1)?.choices ?? []
    if (first === undefined) return this.#say('skip')
    this.#choose(this.#random.pick([first, ...others]).id)
  }

  #sayNext(): void {
    if (this.#nextBurst >= this.#silentFrom) return this.#fallSilent()
    this.#saying = this.#bursts[this.#nextBurst] ?? []
    this.#nextBurst += 1
    this.#hasHeard = false
    this.#sayOn()
  }

  #sayOn(): void {
    const [words, ...rest] = this.#saying
    this.#saying = rest
    if (words === undefined) return
    if (rest.length > 0) this.#plan(drawTypingMs(this.#random), () => this.#sayOn())
    else this.#plan(this.#hasHeard ? drawThinkMs(this.#random) : UNANSWERED_MS)
    this.#stage.attempt(this.#own.say(words))
  }

  #say(words: string): void {
    this.#hasHeard = false
    this.#plan(UNANSWERED_MS)
    this.#stage.attempt(this.#own.say(words))
  }

  #choose(choiceId: string): void {
    this.#hasHeard = false
    this.#plan(UNANSWERED_MS)
    this.#stage.attempt(this.#own.choose(choiceId))
  }

  #leave(): void {
    this.#isGone = true
    this.#callOff()
    this.#stage.attempt(this.#own.leave())
  }

  #fallSilent(): void {
    this.#silentSince = this.#stage.clock.now()
    this.#callOff()
  }
}

function newestChoices({ transcript }: ConversationView): readonly Choice[] {
  return transcript.findLast((message) => message.choices !== undefined)?.choices ?? []
}

/** Anywhere but in the places of the chart itself, a step is being asked. */
function isStep({ path }: ConversationView): boolean {
  return !CHART_PATHS.has(path)
}

const CHART_PATHS: ReadonlySet<string> = new Set([
  'greeting.new',
  'helping.listening',
  'helping.searching',
  'helping.suggesting',
  'waiting.requested',
  'waiting.queued',
  'waiting.offered',
])
