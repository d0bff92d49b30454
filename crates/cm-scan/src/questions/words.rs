//! The words of questions in English, German, French and Spanish: what asks without a question mark, and what says
//! nothing of what is asked. Folded as cm-text folds, so without accents; apostrophes part words.

/// A language's lists.
pub struct Language {
    /// Words in a row that ask, wherever they stand in a sentence.
    pub asking: &'static str,
    /// Words in a row that ask at the beginning of a sentence.
    pub opening: &'static str,
    /// Words that say nothing of what is asked.
    pub stop: &'static str,
}

/// The languages, the first of which counts where none is told by its words.
pub const LANGUAGES: [Language; 4] = [
    Language {
        asking: "anyone know|anybody know|someone know|somebody know|anyone tell me|someone tell me|somebody tell me|\
            anyone else have|anyone else get|how do i|how can i|how do you|how do we|how can we|how would i|how should i|\
            where can i|where do i|where to buy|when will|wondering if|wondering how|wondering whether|wondering why|\
            is there a way|is there any way|is it possible|any idea how|any ideas|what is the best way|any chance|\
            anyone had|anyone tried|does anyone|has anyone|can anyone|could anyone|can someone|could someone|\
            please advise|please explain",
        opening: "how|what|where|when|why|who|which|is it|is there|are there|can i|can you|could you|do you|does it|\
            does the|did you|will you|would you|should i",
        stop: "a about actually after again ago all also always am an and another any anybody anyone anything are around as \
            ask asking at back be because been before being best but by can cannot cheers could dear did didn do does doesn doing \
            don done dont each else even ever every everyone far few first for friend from get getting go going good got \
            guys had has have haven having he hello help her here hey hi him his how however i if idea im in into is isn it \
            its just kind know last let like ll long m make many may maybe me might mine more most much must my need never \
            new no not now of off ok on one only or other our out over please possible question quick re really s same say \
            see she should since so some somebody someone something still such sure t tell than thank thanks that the their \
            them then there these they thing think this those though to too tried try trying up us use used using ve very \
            want wanted was way we well were what whats when where whether which while who why will with without won wonder \
            wondering would yes yet you your yours",
    },
    Language {
        asking: "weiss jemand|kennt jemand|hat jemand|kann jemand|kann mir jemand|weiss wer|weiss einer|gibt es eine|gibt es \
            einen|gibt es ein|gibt es schon|wie kann ich|wie kann man|wie bekomme ich|wie komme ich|wo kann ich|wo finde ich|\
            wo bekomme ich|frage mich ob|ist es moglich|habt ihr|konnt ihr|jemand eine idee|wie mache ich",
        opening: "wie|was|wo|wann|warum|wieso|weshalb|wer|welche|welcher|welches|kann ich|kann man|habt ihr|gibt es|darf ich",
        stop: "aber alle allem allen aller alles als also am an andere auch auf aus bei beim bekomme bin bis bitte bist da damit \
            danke dann das dass dein dem den der des dich die dies diese dieser dir doch du durch eben ein eine einem einen \
            einer eines einfach er es etwas euch euer eure frage fur gar geht gerne gibt gruss habe haben habt hallo hat hatte \
            hi hier hilfe ich ihm ihn ihnen ihr ihre im immer in irgendwie ist ja jemand jetzt kann kannst kein keine konnen \
            konnt mache machen mal man mehr mein meine meinem meinen meiner mich mir mit moglich muss nach nicht noch nun nur ob \
            oder ohne schon sein seine seit sich sie sind so soll sollte und uns unser unsere vom von vor wann war warum was \
            weiss welche welcher welches wenn wer werden wie wieder wieso will wir wird wo wohl zu zum zur",
    },
    Language {
        asking: "quelqu un sait|quelqu un connait|quelqu un a|quelqu un peut|est ce que|est ce qu|est il possible|qu est ce|\
            comment faire|comment puis je|comment je peux|comment peut on|ou puis je|ou trouver|savez vous|avez vous|\
            y a t il|peut on|me demande si|une idee",
        opening: "comment|pourquoi|quand|ou|qui|quel|quelle|quels|quelles|combien|que|puis je|peut on|avez vous|pouvez vous",
        stop: "a ai alors apres as au aucun aussi autre aux avec avez avoir bien bonjour bonsoir c ca car ce cela ces cet cette chez \
            comme comment connait d dans de demande des depuis deux dire dit dois donc du elle elles en encore es est et etait \
            etre eu fait faire faut idee il ils j je l la le les leur leurs lui m ma mais me meme merci mes moi mon n ne ni non nos \
            notre nous on ont ou par pas peu peut peuvent peux plait plus possible pour pourquoi pouvez puis qu quand que quel \
            quelle quelles quelqu quelque quels question qui quoi s sa sait salut sans savez se ses si sommes son sont suis sur svp \
            t ta te tes toi ton toujours tous tout toute toutes tres trouver tu un une vers veux vos votre vous y",
    },
    Language {
        asking: "alguien sabe|alguien conoce|alguien tiene|alguien puede|alguien me puede|como puedo|como se puede|como hago|\
            donde puedo|donde encuentro|donde se puede|hay alguna forma|hay alguna manera|es posible|se puede|me pregunto si|\
            alguna idea|sabeis si|saben si|teneis|tienen algun",
        opening: "como|que|cual|cuales|donde|cuando|por que|quien|cuanto|cuanta|puedo|se puede|hay|es posible|teneis|tienen",
        stop: "a ahora al algo alguien algun alguna alguno antes aqui asi aun aunque ayuda bien buenas buenos cada como con conoce \
            cual cuales cuando cuanto de del desde dias donde dos duda e el ella ellos en encuentro era eres es esa ese eso esta \
            estan estar estas este esto estos estoy favor forma fue gracias ha hace hacer hago han hasta hay he hola idea ir la las \
            le les lo los manera mas me mi mis mismo mucho muy nada ni no nos nosotros nuestra nuestro o os otra otro para pero poder \
            por porque posible pregunta pregunto pues puede pueden puedo que quien quiero sabe sabeis saben se ser si sido sin sobre \
            solo son soy su sus tal tambien tan te tener teneis tengo ti tiene tienen todo todos tu tus un una uno unos usted ustedes \
            va vosotros voy y ya yo",
    },
];
