fn main(){ for l in std::io::stdin().lines(){ let l=l.unwrap(); println!("{l}  ->  {}", bleu::ptb_words(&l)); } }
