/**
 * What people ask anywhere: of the world, of themselves, and of other companies. No base answers more than a few of these
 * lines; those that it does are left out where it learns from them.
 */
export const ENGLISH_ELSEWHERE = `
which country has the most people
what is the longest river in the world
how high is mount everest
how deep is the ocean
what language do they speak in brazil
which planet is closest to the sun
how long does light take to reach earth
why is the sky blue
what are clouds made of
how do earthquakes happen
when was the first car built
who invented the light bulb
who wrote romeo and juliet
who painted the mona lisa
when did the second world war end
who was the first man on the moon
how many states are there in america
what is the population of china
who is the prime minister of england
who won the last election
when is the next election
what does the mayor do
how are laws made
is it legal to park on the pavement
how much tax does a teacher pay
what is the minimum wage in this state
how do I become a lawyer
what do I need to study to be a nurse
which university is the best for medicine
how do I write a good essay
can you help me with my homework
what is seven times eight plus two
solve this equation for x
what is the area of a circle
how many sides does a hexagon have
define photosynthesis
what does the word serendipity mean
how do you say good morning in japanese
how do I learn spanish quickly
how do you spell necessary
what rhymes with orange
write me a poem about autumn
tell me a story about a dragon
recommend a good book to read
what is a good film for children
who played the villain in that movie
when does the next season of the show come out
who sings this song
what year did the beatles split up
how do I play the guitar
teach me to dance
who won the world cup
what was the score of the match yesterday
which team is first in the league
how many players are in a football team
how fast can a cheetah run
how long do cats live
what do rabbits eat
how do I train my dog to sit
are spiders insects
why do birds sing
how often should I water roses
when should I plant tomatoes
how do I get rid of ants in the kitchen
how do bees make honey
are there lions in india
how many calories are in a banana
how do I lose weight
how do I build muscle
how many hours should I sleep
what is good against a headache
my back hurts what should I do
what are the symptoms of the flu
is coffee bad for the heart
how do I quit smoking
when should a baby start to walk
how do I make pancakes
how long do I boil an egg
can I freeze cooked rice
what goes well with salmon
how do I get a wine stain out of a shirt
how do I fix a dripping tap
how do I paint a ceiling
how do I hang a picture on the wall
what tools do I need to build a shelf
how do I change a flat tyre on my bike
how does an engine work
how do I clean a keyboard
how do I install a printer
what is the best laptop for games
how do I write a program in python
what is machine learning
how does the internet work
who founded this company
how many people work there
is the stock market up today
should I buy shares in oil
what is the price of gold
how do I get rich
what numbers will win the lottery
how do I start a business
what is the news today
is there traffic on the way to work
what is the weather like in rome in may
how cold does it get in canada
is a storm coming this weekend
when does the sun set today
when is easter this year
what should I give my wife for her birthday
plan a party for twenty guests
what should I wear to a wedding
how do I ask a girl out
why is my boyfriend angry with me
how do I make new friends
my neighbours are too loud
my parents do not understand me
what happens after we die
is there a god
do you believe in ghosts
are there aliens
what is the secret of happiness
what is your favourite colour
who is your boss
what do you think of politics
are you married
can you keep a secret
do you dream
guess what I am thinking
play some music
turn off the lights in the bedroom
set an alarm for seven
remind me to call my mother
take a picture
read me the headlines
open the garage door
what is on television tonight
find me a date
what is a good name for a boy
how old is the queen
is he still alive
where was she born
how rich is he
what is the difference between a crocodile and an alligator
which is bigger a lion or a tiger
how heavy is an elephant
how many bones does a human have
what is blood made of
how do vaccines work
what is gravity
how are diamonds formed
how is paper made
where does chocolate come from
what is the fastest train in the world
how long is the flight to australia
what should I see in paris
is it safe to travel to mexico
what is the best beach in greece
how do I get to the museum
where is the nearest petrol station
is there a park around here
where can I go fishing
what is there to do on sunday
book me a table for two tonight
order a pizza with mushrooms
I want to reserve a room with a view of the sea
my flight was cancelled what now
can I bring a second suitcase
where do I pick up the rental car
my train is late
how much is a taxi to the airport
I want to see a doctor tomorrow
can I renew my prescription
my tooth hurts very badly
how long is the waiting list for surgery
I need a plumber at once
the heating in my flat is cold
my landlord will not return the deposit
how do I register my car
where do I renew my driving licence
how do I get a passport
I want to report a noise
when is the rubbish collected
my internet is slow
the screen of my phone is cracked
how do I reset the router
my computer does not start
how do I delete a post
somebody stole my account
how do I block a person
can I get a ticket for the concert
is the show sold out
I lost my umbrella on the bus
what time does the library close
can I bring my dog
is the pool open in winter
how much is a year at the gym
when does the course start
how do I enrol my son at school
what did I get in the exam
what is the dress code at the office
how many days off do I have left
when do I get my salary
who is my manager
I want to apply for the job
can I work from home
how do I open a savings account
what is my balance
I want to send money to my sister
my card was stolen
how do I insure a boat
I had an accident with my car
can I return these shoes
do you have this coat in blue
when will my parcel come
the vase arrived broken
is there a discount for students
do you ship to norway
what is in the vegetarian burger
is this cream good for dry skin
how many tablets should I take a day
which size should I order for a child of six
how long does the battery last
does it work with my old camera
what is the smallest country in europe
which ocean is the warmest
what is the currency of sweden
how far is london from paris
what is the oldest city in the world
who was the emperor of rome
what started the civil war
when was the printing press invented
who discovered penicillin
what is the speed of sound
how hot is the sun
what is the chemical symbol for iron
how many teeth does a shark have
what is the biggest animal on earth
do fish sleep
how long do dogs live
what kind of tree is this
which mushrooms are poisonous
how do I keep cats out of the garden
what is a group of crows called
who directed that film
what is the plot of the book
is the new series any good
who is the lead singer of the band
what is the name of the song that goes like this
how many goals has he scored
when does the marathon start
who holds the world record in swimming
what are the rules of chess
how do I win at poker
is golf a sport
how do I do a handstand
what is the best exercise for my legs
how much water should I drink
is honey healthier than sugar
how do I cut down on salt
why am I always tired
what is a normal pulse
how do I stop a nosebleed
can I take aspirin with alcohol
how do I bake bread
what can I use in place of eggs
how long does soup keep in the fridge
what wine goes with cheese
how do I sharpen a knife
how do I clean the oven
how do I get scratches out of wood
what colour should I paint the hall
how do I stop the door from squeaking
how do I grow basil indoors
what is the horsepower of a tractor
how do I jump start a car
which petrol does this engine need
how do I back up my photos
what is a firewall
which phone has the best camera
how many gigabytes is a film
why is the sea salty
what does this button do
translate thank you into german
what is the plural of mouse
is it who or whom
write an email to my landlord
how do I cite a website
what is the square of twelve
how many ounces are in a litre
what is ten percent of eighty
convert forty miles to kilometres
how do I calculate interest
what is inflation
how do I save for my pension
how much should I tip
what does a lawyer cost
can I get divorced online
how old do I have to be to vote
who is the mayor of new york
what is the capital of peru
why did the government fall
what is the law on drones
how many soldiers died in the war
what is the meaning of my dream
what is my star sign
will I be famous
who is the prettiest of them all
what do I say at a funeral
how do I tell my parents
should I marry him
how do I forget her
what should I name my cat
my friend does not answer me
how do I get over my fear of heights
how do I fall asleep
give me some advice
surprise me
say something funny
count to ten
flip to the next page
make a list of things to buy
what is on my calendar
wake me when we get there
how loud can you go
change the channel
dim the lamp in the hall
lock the front door
start the vacuum cleaner
where did I leave my glasses
where are my keys
who is at the door
did anybody ring
how do I get home from here
is the motorway closed
how long is the ferry ride
which bus goes to the zoo
how much is a ticket to the opera
do I need a visa for vietnam
where can I swim with dolphins
what is the best time to go to iceland
what is the local food there
how do I pitch a tent
which boots are good for hiking
`
