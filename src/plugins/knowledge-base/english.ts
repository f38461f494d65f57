/** Words that say nothing about the topic. Not among them, since they do: how, when, why, where, what, not. */
export const ENGLISH_STOP_WORDS = `a an the i me my we our you your it its is am are was were be been being do does did
have has had to of in on at for with by from and or but if so that this these those there here can could would should
will shall may might just please hi hello hey thanks thank`

/** Words that customers use for the same thing, a group per line; `_` joins what is said in two words. */
export const ENGLISH_CONCEPTS = `
money cash fund funds
buy purchase order shop
refund reimburse reimbursement repay money_back
cancel terminate discontinue unsubscribe quit
not_work broken defective faulty damaged cracked malfunction malfunctioning
fail failed failure unsuccessful unsuccessfully
decline declined reject rejected refuse refused deny denied
delay delayed late slow overdue
pending processing unprocessed
fee fees charge charges charged commission surcharge
cost price pricing expensive cheap rate
lost lose misplaced misplace missing
stolen steal theft robbed rob thief
receive received arrive arrived arrival delivered delivery
send sent ship shipped shipping shipment dispatch deliver
wrong incorrect incorrectly inaccurate mistake mistaken mistakenly error
change update modify edit alter amend adjust switch
delete remove erase clear
verify verification confirm confirmation validate authenticate
identity identification id passport
twice double duplicate duplicated repeated
transfer wire remit
deposit topup top_up reload load recharge credit
withdraw withdrawal withdrew cashout
abroad overseas foreign international travel travelling vacation holiday
country countries nation nationality location region
currency currencies euro euros dollar dollars pound pounds
exchange convert conversion converted
password passcode passphrase pin code
login log_in logon signin sign_in
phone mobile cellphone smartphone telephone cell handset
call ring dial
email e_mail mail inbox
help assist assistance aid
issue problem trouble difficulty
begin start commence
finish complete completed done finished
activate activation enable unlock
deactivate disable freeze block suspend lock
fast quick quickly rapid rapidly soon asap urgent urgently immediately instantly express
pay paid payment payments paying
bill invoice statement receipt
salary wage wages paycheck payroll pay income earnings
child children kid kids son daughter baby toddler dependent
spouse wife husband partner
car auto automobile vehicle truck
house home apartment flat residence
address street
doctor physician medic
insurance insured insurer coverage
owner holder
join enroll enrol register signup sign_up subscribe registration
appointment booking reservation reserve book schedule
available availability offer stock
old age elderly young
limit limits limitation restriction restrictions restricted maximum minimum cap
allow allowed permit permitted able
free complimentary gratis
discount coupon voucher promo promotion promotional sale deal
contact reach talk speak
person human agent representative advisor someone somebody
hours open opening closing close
track tracking trace whereabouts status
return exchange send_back
size fit measurement
search find locate
show display view see
weather forecast temperature rain
food meal eat dish
restaurant diner eatery cafe
hotel motel lodging accommodation
flight plane airline airplane fly flying
luggage baggage suitcase bag
trip journey tour
recipe cook cooking bake
song music tune track album playlist
remind reminder remember
alarm wake
calendar agenda
translate translation language
meaning definition define mean
calories calorie nutrition nutritional
tire tires tyre tyres wheel
gas gasoline fuel petrol diesel
repair fix mend
replace replacement renew substitute reissue
expire expired expiry expiration expires
new brand_new fresh
additional another extra second more
amount sum total balance
unknown unrecognized unrecognised unfamiliar suspicious strange
fraud fraudulent scam unauthorized unauthorised
dispute contest challenge complain complaint
reverse revert reversal undo cancelled
disposable temporary throwaway
virtual digital online
physical plastic
atm cashpoint cash_machine cash_dispenser
bank branch
app application software program
computer laptop pc desktop
crash crashed freeze frozen
download install installation
upload attach attachment
picture photo image photograph
message text sms
notify notification alert
name surname lastname
married marriage wed wedding
job work employment career
apply application applying applied
approve approved approval accept accepted
loan mortgage lend borrow
interest apr
score rating
tax taxes
retire retirement pension
invest investment stock
link connect pair connection connected
wifi internet network
explain clarify elaborate
reason cause
quantity many
beneficiary payee recipient
source origin
visible appear shown showing
vanish disappear gone disappeared
wait waiting queue`

/** What is said to every bot and what no help centre answers: asked of the articles to find out how they sound then. */
export const ENGLISH_CHATTER = `
how are you doing today
who made you
are you a robot or a real person
what is your name
how old are you
where do you live
tell me a joke
sing me a song
you are not very clever
that is not what I asked
I already told you that
you did not answer my question
never mind
forget it
wait a moment
one second
are you still there
hello is anybody there
can you hear me
ok
ok thanks
ok got it
yes please
yes
no
no thanks
maybe later
not sure
I do not know
what do you mean
say that again
why not
really
great
nice
wow
cool
perfect that is all
that is all for now
have a nice day
good night
see you tomorrow
thank you so much for everything
sorry
sorry my mistake
please help me
I need some help with something
can I ask you something
I have a question about something else
hmm let me think
let me check
just looking
nothing
test
testing one two three
asdf
what can you do
what else can you do
speak to me in another language
I am bored
I am hungry
I am tired
I am happy
I feel sad today
I love you
do you love me
do you like music
what is the meaning of life
what time is it now
what day is it today
what is the capital of france
who is the president
who won the game last night
how tall is the eiffel tower
what is the square root of nine
how far is the moon
will it rain tomorrow
what should I cook for dinner
how do I tie a tie
what is the best movie of the year
recommend me a good book
how do I learn to play the guitar
translate good morning into spanish
what is the news today
how do I lose weight
my dog is sick
my neighbour is too loud
where can I find a good plumber
write me a poem
do my homework
what is the fastest car in the world
are there aliens
can dogs eat chocolate
how do I get rid of ants
what is the stock market doing
who invented the telephone
monday
tomorrow at three
my name is john
john smith
it is blue
number four
the second one
all of them
in the morning
last week
about two hours
this is ridiculous
I am very angry
this is the worst service ever
you people are useless
I will tell everybody about this
`
