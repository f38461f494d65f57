import type { Article } from '../../core/types.ts'
import type { DemoSkill } from './skills.ts'

/** The help centre of a made-up house that sells things, trips, cover and software. */
export const demoArticles: readonly Article[] = [
  ...about('orders', [
    {
      id: 'track-order',
      title: 'Where my order is right now',
      text: 'Open Orders in your account: every parcel shows its last scan and the day it should arrive. A tracking number appears about two hours after the parcel has left us.',
      questions: ['track my parcel', 'my package has not arrived yet', 'on which day will my order come'],
    },
    {
      id: 'place-order',
      title: 'Placing an order',
      text: 'Put the items into the basket, choose an address and confirm. For more than ten of one item, tell us the item number and the quantity, and you get an offer within the hour.',
      questions: [
        'I want to order a keyboard',
        'how do I buy something',
        'I would like to place a new order',
        'order some items for my company',
      ],
    },
    {
      id: 'change-order',
      title: 'Changing an order',
      text: 'Until a parcel is packed you can change size, colour and quantity under Orders > Edit. After that, send back what does not fit.',
      questions: ['can I change my order', 'I ordered the wrong quantity', 'add an item to my order'],
    },
    {
      id: 'cancel-order',
      title: 'Cancelling an order',
      text: 'Choose Orders > Cancel within an hour of ordering and nothing is charged. Later on, refuse the parcel at the door and the money comes back by itself.',
      questions: ['please stop my order', 'I want to cancel what I bought', 'I do not need the order any more'],
    },
    {
      id: 'return-item',
      title: 'Sending something back',
      text: 'You have 30 days. Print the label from Orders > Return, put it on the box and hand it in at any parcel shop.',
      questions: ['how do I return an item', 'where is the return label', 'I do not like what I bought'],
    },
    {
      id: 'exchange-item',
      title: 'Swapping for another size or colour',
      text: 'Start a return, pick Exchange as the reason and choose what you want instead. It leaves us as soon as your parcel has been scanned.',
      questions: ['exchange for a bigger size', 'I need another colour', 'swap an item'],
    },
    {
      id: 'damaged-item',
      title: 'It arrived damaged',
      text: 'Send us a photo within seven days and keep the box. You choose between a new one and your money back.',
      questions: ['my item is broken', 'the parcel was open and something is missing', 'I got a defective product'],
    },
    {
      id: 'delivery-times',
      title: 'How long delivery takes and what it costs',
      text: 'Standard delivery takes two to four working days and is free from 40 on. Express arrives the next morning for 7.',
      questions: ['how fast do you deliver', 'what are the shipping costs', 'do you deliver abroad'],
    },
    {
      id: 'delivery-address',
      title: 'Changing the delivery address',
      text: 'Under Account > Addresses you can add one for the next order. A parcel that is on its way can be sent on to a neighbour or a parcel shop.',
      questions: ['I moved house', 'send it to another address', 'wrong delivery address'],
    },
  ]),
  ...about('billing', [
    {
      id: 'refund-time',
      title: 'When do I get my refund?',
      text: 'Within five working days after we have what you sent back, on the card or account you paid with.',
      questions: ['where is my money', 'I have not received my refund', 'how long does a refund take'],
    },
    {
      id: 'charged-twice',
      title: 'Charged twice for one order',
      text: 'One of the two is usually a reservation that your bank drops after three days. If both are still there on the fourth day, we pay one back at once.',
      questions: ['double charge on my card', 'the money was taken two times', 'why are there two payments'],
    },
    {
      id: 'receipts',
      title: 'Receipts and invoices',
      text: 'Every receipt is under Account > Documents from the moment you have paid, and can be issued in the name of a company.',
      questions: ['I need a receipt', 'send me the invoice for my purchase', 'download a bill'],
    },
    {
      id: 'expense-report',
      title: 'Handing in an expense report',
      text: 'In the expenses app choose New report, take a picture of each receipt and name the project. Reports sent before the 25th are paid out in the same month.',
      questions: [
        'I want to file an expense report',
        'how do I submit my expenses',
        'create an expense report for my trip',
        'expense claim for work',
      ],
    },
    {
      id: 'payment-declined',
      title: 'My payment does not go through',
      text: 'Check the expiry date and the limit of the card, then confirm the payment in the app of your bank. After three failed tries the card is locked here for an hour.',
      questions: ['my card is declined', 'the payment failed', 'I cannot pay'],
    },
    {
      id: 'payment-methods',
      title: 'Ways to pay',
      text: 'Cards, bank transfer, direct debit and gift cards. The one to be used first is set under Account > Payment.',
      questions: ['which payment methods do you take', 'change my card', 'remove a bank account'],
    },
    {
      id: 'vouchers',
      title: 'Vouchers and promotions',
      text: 'Type the code in the basket before you pay; one code per order. What runs at the moment is listed under Offers.',
      questions: ['my voucher does not work', 'are there any promotions', 'do you have a discount code'],
    },
  ]),
  ...about('travel', [
    {
      id: 'book-ticket',
      title: 'Booking a ticket',
      text: 'Choose from, to and a day, then a fare: Light is without baggage, Flex can be changed for free. The confirmation with its booking number comes by email.',
      questions: [
        'I want to book a flight',
        'I need a ticket',
        'book a trip for two people',
        'can you help me with a new booking',
      ],
    },
    {
      id: 'change-seat',
      title: 'Changing your seat',
      text: 'Open My trips with your booking number and tap the seat map: window, aisle or more leg room. Swapping for a seat of the same kind is free until check-in closes.',
      questions: [
        'move me to a different seat',
        'change from the middle to a window seat',
        'change the seat assignment on my booking',
        'switch seats',
      ],
    },
    {
      id: 'seat-info',
      title: 'Which seat do I have?',
      text: 'Your seat number stands in the confirmation and under My trips. Without a number yet, one is given to you at check-in.',
      questions: [
        'find my seat number',
        'which seat was assigned to me',
        'look up the seat on my ticket',
        'tell me my seat details',
      ],
    },
    {
      id: 'boarding-pass',
      title: 'Getting your boarding pass',
      text: 'From 24 hours before departure: My trips > Boarding pass, with the booking number and the last name. It can be saved on the phone, printed, or sent by email again.',
      questions: [
        'where do I find the boarding pass',
        'I did not get a boarding pass',
        'send the boarding pass to my email',
        'print the boarding card',
      ],
    },
    {
      id: 'check-in',
      title: 'Checking in',
      text: 'Online from 24 hours until 60 minutes before departure, or at the counter with an identity card. Groups of nine or more check in at the counter only.',
      questions: ['how do I check in online', 'when does check-in open', 'the check-in does not work'],
    },
    {
      id: 'baggage-allowance',
      title: 'How much baggage you may take',
      text: 'A small bag is always included; Classic and Flex come with one suitcase of up to 23 kg. More can be added under My trips until four hours before departure.',
      questions: ['how heavy may my suitcase be', 'add a bag to my booking', 'hand luggage size'],
    },
    {
      id: 'lost-baggage',
      title: 'My suitcase did not arrive',
      text: 'Report it at the baggage desk before you leave the hall and keep the tag. We bring it to your door, usually within two days.',
      questions: ['my luggage is lost', 'my bag was damaged on the trip', 'where is my suitcase'],
    },
    {
      id: 'change-booking',
      title: 'Changing the date or the name of a booking',
      text: 'Flex is free to change, Classic costs 25 plus the difference in fare. A misspelt name is put right for free within a day.',
      questions: ['I want to travel on another day', 'rebook my trip', 'my name is spelt wrong on the ticket'],
    },
    {
      id: 'cancel-booking',
      title: 'Cancelling a booking',
      text: 'Under My trips > Cancel. Flex is paid back in full, Classic less 40, and Light only the taxes.',
      questions: ['cancel my flight', 'do I get money back for a cancelled ticket', 'I cannot travel'],
    },
    {
      id: 'delays',
      title: 'Delays and missed connections',
      text: 'You are put on the next departure by yourself and get a message. From three hours on there may be compensation: ask within a year.',
      questions: ['my trip is delayed', 'I missed my connection', 'compensation for a delay'],
    },
  ]),
  ...about('insurance', [
    {
      id: 'proof-of-insurance',
      title: 'Proof that you are insured',
      text: 'Your certificate is under My cover > Documents as a file that counts as proof anywhere. A new one is there at once when you have changed the car.',
      questions: [
        'proof of insurance for a car',
        'send me my insurance card',
        'where do I get the insurance certificate',
        'I want to get proof of my insurance',
      ],
    },
    {
      id: 'claim-status',
      title: 'How far is my claim?',
      text: 'My cover > Claims shows whether a claim is new, being checked or paid. Most are decided within four working days.',
      questions: [
        'I want to check the status of my claim',
        'what is my claim status',
        'has my claim been paid',
        'claim number status',
      ],
    },
    {
      id: 'file-claim',
      title: 'Reporting damage',
      text: 'Under My cover > New claim: what happened, when, and two photos. Have the number of your policy at hand, and do not repair anything before we have answered.',
      questions: ['I want to file a claim', 'report an accident', 'report water damage'],
    },
    {
      id: 'broken-phone',
      title: 'A broken or lost phone',
      text: 'With gadget cover we repair or replace it for a share of 30. Report it with the brand, the model and the policy number, and lock the SIM if it was stolen.',
      questions: [
        'I want to report a broken phone',
        'my phone screen is cracked',
        'my mobile fell into water',
        'somebody stole my phone',
      ],
    },
    {
      id: 'coverage',
      title: 'What the policy covers',
      text: 'The first page of your policy lists what is covered and up to how much. Wear, and what you did on purpose, is never covered.',
      questions: ['am I insured abroad', 'is theft covered', 'what does my insurance pay for'],
    },
    {
      id: 'policy-details',
      title: 'Changing the details of a policy',
      text: 'Address, car and bank account are changed under My cover > Details and count from the next day on.',
      questions: ['I drive another car now', 'add a driver to my policy', 'update my policy'],
    },
    {
      id: 'cancel-policy',
      title: 'Ending a policy',
      text: 'At any time to the end of the next month, under My cover > End. What you have paid ahead comes back.',
      questions: ['cancel my insurance', 'stop the policy', 'I do not need the cover any more'],
    },
  ]),
  ...about('technical', [
    {
      id: 'install-software',
      title: 'Installing the software',
      text: 'Download the installer from Account > Software and run it as an administrator. It takes about five minutes and one restart.',
      questions: ['how do I install the program', 'the installation stops', 'put it on a second computer'],
    },
    {
      id: 'update-software',
      title: 'Updating the software',
      text: 'Help > Check for updates brings you to the newest version; your files and settings stay. If the update hangs at 90 %, close the program and start it once more.',
      questions: [
        'I need a software update',
        'how do I update my software',
        'which is the latest version',
        'the update does not work',
      ],
    },
    {
      id: 'broken-software',
      title: 'The software crashes or does not start',
      text: 'Start it with the shift key held down to leave out add-ons. If it still stops, send the report it offers: we answer with a fix or a way round.',
      questions: [
        'I have a problem with my software',
        'my application is not working',
        'the program is broken',
        'I want to report a software issue',
      ],
    },
    {
      id: 'server-status',
      title: 'Is the server down?',
      text: 'The status page shows every service and what is being worked on. If all is green there, restart your connection and try another network.',
      questions: [
        'I want to check the server status',
        'the server is not responding',
        'is there an outage',
        'is the service down at the moment',
      ],
    },
    {
      id: 'licences',
      title: 'Licence keys and activation',
      text: 'The key is in the email of your purchase and under Account > Licences. It works on three computers; free one there to move it.',
      questions: ['where is my licence key', 'the activation failed', 'I have too many devices'],
    },
    {
      id: 'password',
      title: 'I cannot log in',
      text: 'Choose Forgot password on the login page: the link in the email works for 30 minutes. After five wrong tries the account is locked for an hour.',
      questions: ['reset my password', 'my account is locked', 'the login does not accept me'],
    },
    {
      id: 'two-step-codes',
      title: 'The login code does not come',
      text: 'Codes come from the authenticator app, not by text message. With a new phone, use one of the ten backup codes you saved and pair the app again.',
      questions: ['no verification code', 'I lost my authenticator', 'two-factor does not work'],
    },
  ]),
]

function about(skill: DemoSkill, articles: readonly Article[]): readonly Article[] {
  return articles.map((article) => ({ ...article, skills: [skill] }))
}
